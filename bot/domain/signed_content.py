"""What of an item a signature stands for."""

from __future__ import annotations

from pydantic import JsonValue

from bot.domain.answers import Answer
from bot.domain.negotiation import Record


def signed_content(record: Record) -> dict[str, JsonValue]:
    """One item's content. What is blank is left out, so that a field added some day changes no old hash."""
    rows: dict[str, JsonValue] = {
        row.id: {
            **{name: _said(held.said) for name, held in row.cells.items() if held.said is not None},
            **({"": True} if row.touched else {}),  # no field has an empty id
        }
        for row in record.rows.values()
    }
    parts: dict[str, JsonValue] = {
        "said": _said(record.said) if record.said is not None else None,
        "rows": rows,
        "claim": record.claim,
        "evidence": {evidence.id: evidence.model_dump(mode="json", exclude={"id"}) for evidence in record.evidence},
        "confirmed": record.confirmed,
    }
    return {name: part for name, part in parts.items() if part}


def _said(said: Answer) -> JsonValue:
    return said.model_dump(mode="json")
