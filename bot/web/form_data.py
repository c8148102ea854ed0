"""What comes in by a form: words, a tap, a file in memory."""

from __future__ import annotations

import re
import secrets
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from python_multipart.multipart import parse_options_header
from starlette.exceptions import HTTPException
from starlette.formparsers import FormParser, MultiPartException, MultiPartParser

from bot.dialog.contract import Command, FileReply, Reply
from bot.dialog.parsing.text import cleaned
from bot.dialog.parsing.whole import COUNTED, whole
from bot.web.rendering import typed
from bot.web.security import FILE_BYTES, FORM_BYTES

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.datastructures import FormData
    from starlette.requests import Request

NAME = 200  # characters of a file's name
FILES = "multipart/form-data"
FIELDS = 16
BRIEF = "application/x-www-form-urlencoded"


class _InMemory(MultiPartParser):
    """Keeps an upload in memory, whole: what people send is not to lie in temporary files."""

    spool_max_size = FILE_BYTES + 1


class _WithoutFile(MultiPartParser):
    """Keeps the words of a form, and of its file the name."""

    def on_part_data(self, data: bytes, start: int, end: int) -> None:
        """Take in a piece of a part."""
        if self._current_part.file is None:
            super().on_part_data(data, start, end)


@asynccontextmanager
async def form_of(request: Request, *, takes_file: bool = False) -> AsyncIterator[FormData]:
    """A form, its file in memory as long as the block lasts; where none is taken, of a file the name alone."""
    kind = request.headers.get("content-type", "")
    try:
        if kind.startswith(FILES):
            _in_utf8(kind)
            kind_of_form = _InMemory if takes_file else _WithoutFile
            parser = kind_of_form(
                request.headers, request.stream(), max_files=1, max_fields=FIELDS, max_part_size=FORM_BYTES
            )
            form = await parser.parse()
        else:
            form = await _brief(request)
    except MultiPartException:
        raise HTTPException(400) from None
    try:
        yield form
    finally:
        await form.close()


async def brief_form(request: Request) -> FormData:
    """A form without a file, of somebody who is not known yet: no more than such a form needs is read of them."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != BRIEF:
        raise HTTPException(400)
    try:
        return await _brief(request)
    except MultiPartException:
        raise HTTPException(400) from None


async def _brief(request: Request) -> FormData:
    return await FormParser(request.headers, request.stream(), max_fields=FIELDS, max_part_size=FORM_BYTES).parse()


def _in_utf8(kind: str) -> None:
    """Refuse a form in another alphabet: no page of ours sends one, and some hold what no database takes."""
    _, more = parse_options_header(kind)
    if more.get(b"charset", b"utf-8").lower() not in {b"utf-8", b"utf8"}:
        raise HTTPException(400)


async def said_in(form: FormData) -> tuple[Reply | None, str, bytes | None]:
    """What a form says: words or a file, or what a button carries, and the bytes of the file."""
    if packed := text_in(form, "tap"):
        return None, packed, None
    if command := text_in(form, "command"):
        return Command(command), "", None
    text, file = text_in(form, "text"), form.get("file")
    if file is not None and not isinstance(file, str) and file.filename:
        body = await file.read()
        if len(body) > FILE_BYTES:
            raise HTTPException(413)
        name = _file_name(file.filename)
        return FileReply(f"w{secrets.token_hex(8)}", name, len(body), cleaned(text).strip()), "", body
    return (typed(text), "", None) if text.strip() else (None, "", None)


def text_in(form: FormData, name: str) -> str:
    """What a field holds, empty for none and for a file."""
    value = form.get(name)
    return value if isinstance(value, str) else ""


def whole_in(form: FormData, name: str) -> int:
    """A number that fits the database; 0 for anything else."""
    return whole(text_in(form, name), below=COUNTED) or 0


def _file_name(name: str) -> str:
    kept = "".join(char for char in name if char.isprintable())
    return re.split(r"[\\/]", kept)[-1].strip()[-NAME:] or "file"


def attachment(name: str) -> str:
    """A file's name for its download: in ASCII for old browsers, and as it is."""
    from urllib.parse import quote

    plain = re.sub(r"[^\w. -]", "_", name, flags=re.ASCII)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
