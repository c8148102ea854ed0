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
from typing import Annotated, Any, Literal, NoReturn, TypeVar

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, JsonValue, ValidationError

from bot.domain.checklist import Checklist
from bot.domain.events import AnyEvent, Opened, Role, Signed
from bot.domain.lint import faults
from bot.domain.negotiation import Happened, Negotiation
from bot.domain.projection import after, opened
from bot.domain.readiness.readiness import gaps
from bot.domain.sign_off import objection, standing
from bot.exports.json.event_validation import misfit
from bot.exports.json.pieces import JsonFault, JsonPieces

FORMAT = "readiness-negotiation"
VERSION = 1
LARGEST = 256 * 1024 * 1024  # characters of a whole file
MOST_PIECE = 2 * 1024 * 1024  # characters of one event, or of the checklist: thirty answers at their longest
MOST_EVENTS, MOST_FILES = 1_000_000, 10_000
W = TypeVar("W", bound=BaseModel)
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


class WiredHead(Wired):
    """What stands before the events: what the file is, and the checklist."""

    format: Literal["readiness-negotiation"]
    version: Literal[1]
    exported: WiredExport | None = None
    checklist: Checklist


class Wire(WiredHead):
    """A negotiation, complete."""

    events: tuple[WiredEvent, ...] = Field(min_length=1, max_length=MOST_EVENTS)
    files: tuple[WiredFile, ...] = Field(max_length=MOST_FILES)


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
        for happened in self.events[1:]:
            n = after(n, happened)
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
        "events": [_event(happened) for happened in n_events],
        "files": [_file(file) for file in {file.id: file for file in files}.values()],
    }
    return HALF.sub("�", json.dumps(whole, ensure_ascii=False, indent=2) + "\n")


def load(text: str) -> Portable:
    """Read a negotiation, or raise a `PortableError` that says what is wrong and where."""
    if len(text) > LARGEST:
        _refuse("the file", f"it is longer than {LARGEST:,} characters")
    try:
        portable = _taken(JsonPieces(text.removeprefix("\ufeff")))
    except JsonFault as fault:
        _refuse(fault.where, fault.what)
    _check(portable)
    return portable


def _taken(source: JsonPieces) -> Portable:
    """What stands in the file, each piece made and looked at before the next is read."""
    head: dict[str, JsonValue] = {}
    events: list[Happened] = []
    files: list[PortableFile] = []
    there: set[str] = set()
    for key in source.members():
        if key not in Wire.model_fields:
            _refuse(key, "no such key is written")
        match key:
            case "events":
                events = [_event_in(source, number) for number in source.elements()]
            case "files":
                files = [_file_in(source, number) for number in source.elements()]
            case _:
                head[key], _ = source.piece(MOST_PIECE)
                _refuse_other(head)
        there.add(key)
    source.ends()
    wired = _valid(WiredHead, json.dumps(head), head, "")
    if missing := {"events", "files"} - there or ({"events"} if not events else set()):
        _refuse(min(missing), "there are none")
    return Portable(wired.checklist, tuple(events), tuple(files))


def _refuse_other(head: dict[str, JsonValue]) -> None:
    """Refuse what is no file of ours, or one of a newer bot, before more of it is read."""
    if head.get("format", FORMAT) != FORMAT:
        _refuse("format", f"is not “{FORMAT}”")
    if head.get("version", VERSION) != VERSION:
        _refuse("version", f"this bot reads version {VERSION}; a newer bot may read this file")


def _event_in(source: JsonPieces, number: int) -> Happened:
    if number >= MOST_EVENTS:
        _refuse("events", f"there are more than {MOST_EVENTS:,}")
    value, written = source.piece(MOST_PIECE)
    event = _valid(WiredEvent, written, value, f"events.{number}.")
    return Happened(event.seq, event.at, event.by, event.event)


def _file_in(source: JsonPieces, number: int) -> PortableFile:
    if number >= MOST_FILES:
        _refuse("files", f"there are more than {MOST_FILES:,}")
    try:
        told = source.strings()
        file = WiredFile.model_validate(told, strict=True)
    except JsonFault as fault:
        _refuse(f"files.{number}.{fault.where}" if fault.where in WiredFile.model_fields else fault.where, fault.what)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        _refuse(f"files.{number}.{_path(first['loc'], dict(told))}", first["msg"])
    return _unpacked(number, file)


def _valid(kind: type[W], written: str, value: JsonValue, at: str) -> W:
    """A piece as it is meant; ``at`` begins the place that is told of what is wrong in it."""
    try:
        return kind.model_validate_json(written, strict=True)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = f"{at}{_path(first['loc'], value)}" if first["loc"] else at.rstrip(".") or "the file"
        _refuse(place, first["msg"])
    except (OverflowError, ValueError) as error:
        _refuse(at.rstrip(".") or "the file", str(error))


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


def _check(portable: Portable) -> None:
    """Refuse what parses, yet makes no negotiation that can be shown and judged."""
    checklist = portable.checklist
    for fault in faults(checklist):
        _refuse(".".join(map(str, ("checklist", *fault.path))), fault.what)
    n: Negotiation | None = None
    false: dict[int, tuple[int, str]] = {}
    for number, happened in enumerate(portable.events):
        bad = misfit(happened.event, checklist)
        if bad:
            _refuse(f"events.{number}.event{bad.at}", bad.what)
        if n and isinstance(happened.event, Signed) and (why := _unsigned(n, happened, happened.event)):
            false[happened.seq] = number, why
        try:
            n = after(n, happened) if n else _begun(happened, checklist)
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
        happened.event.evidence.id
        for happened in portable.events
        if happened.event.kind == "evidence_added" and happened.event.evidence.form == "file"
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
