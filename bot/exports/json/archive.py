"""A whole negotiation as JSON, to keep or to move: nothing is lost, and it goes back in.

The file holds the checklist whole, every event in order, and the files behind answers
(base64, with their SHA-256). Its header says who took it away and when, which is ignored on
the way in. ``schemas/negotiation-1.schema.json`` describes it. Reading is strict: unknown
keys, keys given twice, values of another type, events that do not follow each other or do
not fit the checklist are refused, with the place. Text that is no Unicode (a lone half of a
surrogate pair, which UTF-8 cannot hold) is written as �.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any, Literal, NoReturn

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, JsonValue, ValidationError

from bot.domain.checklist import Checklist
from bot.domain.events import AnyEvent, Opened, Role, Signed
from bot.domain.lint import faults
from bot.domain.negotiation import Happened, Negotiation
from bot.domain.projection import after, opened
from bot.domain.readiness.readiness import gaps
from bot.domain.sign_off import objection, standing
from bot.exports.json.event_validation import misfit

FORMAT = "readiness-negotiation"
VERSION = 1
LARGEST = 256 * 1024 * 1024  # characters of a whole file
HALF = re.compile("[\ud800-\udfff]")


class PortableError(ValueError):
    """Why a text is not a negotiation that can be taken in, and where in it."""


def _in_utc(at: datetime) -> datetime:
    return at.astimezone(UTC)


class Wired(BaseModel):
    """A part of the file: frozen, and no key is ever ignored."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True, defer_build=True)


class WiredEvent(Wired):
    """One event: its place in the line, when (UTC), by whom, and what happened."""

    seq: int = Field(ge=1)
    at: Annotated[AwareDatetime, AfterValidator(_in_utc)]
    by: str | None
    event: Annotated[AnyEvent, Field(discriminator="kind")]


class WiredFile(Wired):
    """A file behind an answer; ``id`` is that of its evidence."""

    id: str = Field(min_length=1, max_length=200)
    name: str
    mime: str
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    body: str = Field(description="base64")


class WiredExport(Wired):
    """Who took the file away, and when (UTC). It is no part of the negotiation: whoever takes it in ignores it."""

    by: str
    at: Annotated[AwareDatetime, AfterValidator(_in_utc)]


class Wire(Wired):
    """A negotiation, complete."""

    format: Literal["readiness-negotiation"]
    version: Literal[1]
    exported: WiredExport | None = None
    checklist: Checklist
    events: tuple[WiredEvent, ...] = Field(min_length=1, max_length=1_000_000)
    files: tuple[WiredFile, ...] = Field(max_length=10_000)


@dataclass(frozen=True, slots=True)
class PortableFile:
    """A file behind an answer, with its bytes."""

    id: str
    name: str
    mime: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Portable:
    """A negotiation read from a file: checked, folded and judged once."""

    checklist: Checklist
    events: tuple[Happened, ...]
    files: tuple[PortableFile, ...]

    def happened(self) -> tuple[Happened, ...]:
        """Give the line of events, the opening first."""
        return self.events

    def negotiation(self) -> Negotiation:
        """Fold the events into the negotiation as it stands after the last."""
        n = opened(self.events[0], self.checklist)
        for one in self.events[1:]:
            n = after(n, one)
        return n


def dump(
    n_events: Sequence[Happened],
    checklist: Checklist,
    files: Sequence[PortableFile],
    exported: tuple[str, datetime] | None = None,
) -> str:
    """Write a negotiation; ``load`` reads it back equal, and the same text comes out again.

    ``exported`` is who takes it away, by name, and when: all that another export of the same may differ in.
    """
    header = {"exported": {"by": exported[0], "at": _at(exported[1])}} if exported else {}
    whole = {
        "format": FORMAT,
        "version": VERSION,
        **header,
        "checklist": checklist.model_dump(mode="json", by_alias=True, exclude_defaults=True),
        "events": [_event(one) for one in n_events],
        "files": [_file(one) for one in {one.id: one for one in files}.values()],
    }
    return HALF.sub("�", json.dumps(whole, ensure_ascii=False, indent=2) + "\n")


def load(text: str) -> Portable:
    """Read a negotiation, or raise a `PortableError` that says what is wrong and where."""
    data = _parsed(text.removeprefix("\ufeff"))
    try:
        wire = Wire.model_validate_json(text.removeprefix("\ufeff"), strict=True)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        _refuse(_path(first["loc"], data), first["msg"])
    except (OverflowError, ValueError) as error:
        _refuse("the file", str(error))
    portable = Portable(
        checklist=wire.checklist,
        events=tuple(Happened(one.seq, one.at, one.by, one.event) for one in wire.events),
        files=tuple(_unpacked(number, one) for number, one in enumerate(wire.files)),
    )
    _check(portable)
    return portable


def schema() -> dict[str, Any]:
    """Describe the file as JSON Schema."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "negotiation-1.schema.json",
        **Wire.model_json_schema(by_alias=True),
        "title": "A negotiation of the readiness checklist bot, version 1",
    }


def _at(at: datetime) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _event(happened: Happened) -> dict[str, JsonValue]:
    return {
        "seq": happened.seq,
        "at": _at(happened.at),
        "by": happened.by,
        "event": happened.event.model_dump(mode="json"),
    }


def _file(file: PortableFile) -> dict[str, JsonValue]:
    return {
        "id": file.id,
        "name": file.name,
        "mime": file.mime,
        "sha256": hashlib.sha256(file.body).hexdigest(),
        "body": base64.b64encode(file.body).decode(),
    }


def _unpacked(number: int, file: WiredFile) -> PortableFile:
    try:
        body = base64.b64decode(file.body, validate=True)
    except ValueError:
        _refuse(f"files.{number}.body", "is not base64")
    if base64.b64encode(body).decode() != file.body:
        _refuse(f"files.{number}.body", "is not base64 in its plain form")
    if hashlib.sha256(body).hexdigest() != file.sha256:
        _refuse(f"files.{number}.sha256", "does not match the body: the file was damaged")
    return PortableFile(file.id, file.name, file.mime, body)


def _parsed(text: str) -> JsonValue:
    """Read plain JSON; this pass refuses what the second would pass over."""
    if len(text) > LARGEST:
        _refuse("the file", f"it is longer than {LARGEST:,} characters")
    try:
        data: JsonValue = json.loads(text, object_pairs_hook=_once, parse_constant=_no_constant)
    except RecursionError:
        _refuse("the file", "it is nested too deeply")
    except json.JSONDecodeError as error:
        _refuse(f"line {error.lineno}, column {error.colno}", f"no JSON: {error.msg}")
    except ValueError as error:
        _refuse("the file", str(error))
    if not isinstance(data, dict) or data.get("format") != FORMAT:
        _refuse("format", f"is not “{FORMAT}”")
    if data.get("version") != VERSION:
        _refuse("version", f"this bot reads version {VERSION}; a newer bot may read this file")
    return data


def _once(pairs: list[tuple[str, JsonValue]]) -> dict[str, JsonValue]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        msg = f"the key “{twice[:40]}” is given twice"
        raise ValueError(msg)
    return found


def _no_constant(name: str) -> JsonValue:
    msg = f"{name} is not JSON"
    raise ValueError(msg)


def _check(portable: Portable) -> None:
    """Refuse what parses, yet makes no negotiation that can be shown and judged."""
    checklist = portable.checklist
    for fault in faults(checklist):
        _refuse(".".join(map(str, ("checklist", *fault.path))), fault.what)
    n: Negotiation | None = None
    false: dict[int, tuple[int, str]] = {}
    for number, one in enumerate(portable.events):
        bad = misfit(one.event, checklist)
        if bad:
            _refuse(f"events.{number}.event{bad.at}", bad.what)
        if n and isinstance(one.event, Signed) and (why := _unsigned(n, one, one.event)):
            false[one.seq] = number, why
        try:
            n = after(n, one) if n else _begun(one, checklist)
        except (ValueError, TypeError, OverflowError, LookupError) as error:
            _refuse(f"events.{number}", str(error).splitlines()[0])
    if n is not None:
        try:
            gaps(n, n.talks_on)
        except OverflowError:
            _refuse("events.0.event.talks_on", "no due dates can be reckoned from this day")
        for signature in standing(n):
            if signature.seq in false:
                number, why = false[signature.seq]
                _refuse(f"events.{number}.event", f"this signature would stand, and it cannot: {why}")
    _check_files(portable)


def _unsigned(n: Negotiation, happened: Happened, signed: Signed) -> str:
    """Why this cannot have been signed here. Signatures that a change made void are history, and stay as they are."""
    if happened.by is None or n.role(happened.by) != Role.LEAD:
        return "whoever signed was no lead"
    return objection(n, signed, happened.at.date())


def _begun(first: Happened, checklist: Checklist) -> Negotiation:
    if first.seq != 1:
        msg = "the first event has seq 1"
        raise ValueError(msg)
    if isinstance(first.event, Opened) and first.event.checklist != checklist.digest:
        msg = "it was opened on another text of this checklist"
        raise ValueError(msg)
    return opened(first, checklist)


def _check_files(portable: Portable) -> None:
    wanted = {
        one.event.evidence.id
        for one in portable.events
        if one.event.kind == "evidence_added" and one.event.evidence.form == "file"
    }
    for number, file in enumerate(portable.files):
        if file.id not in wanted:
            _refuse(f"files.{number}.id", "no evidence has this id, or a file before has it too")
        wanted.remove(file.id)


def _refuse(where: str, what: str) -> NoReturn:
    msg = f"This negotiation cannot be read, at {where}: {what}. Nothing was taken in."
    raise PortableError(msg) from None


def _path(loc: tuple[int | str, ...], data: JsonValue) -> str:
    """Write a place as keys and numbers, without the names of alternatives that pydantic puts in between."""
    path: list[str] = []
    for nth, step in enumerate(loc):
        if isinstance(data, dict):
            if step not in data and nth + 1 < len(loc):
                continue
            data = data.get(str(step))
        elif isinstance(data, list) and isinstance(step, int) and step < len(data):
            data = data[step]
        elif nth + 1 < len(loc) or data is not None:
            continue
        path.append(str(step))
    return ".".join(path) or "the file"
