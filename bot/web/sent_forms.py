"""What somebody sends from a page: words, a tap, or a file, of which no more is in memory than is to be kept."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.application.browser_sessions import numbered
from bot.application.file_use import FileUse
from bot.application.messages import IncomingReply
from bot.dialog.contract import FileReply
from bot.dialog.parsing.whole import whole
from bot.web.auth import check
from bot.web.form_data import form_of, said_in, text_in, whole_in
from bot.web.security import AROUND_BYTES, FILE_BYTES, FORM_BYTES

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.datastructures import FormData
    from starlette.requests import Request

    from bot.dialog.contract import Reply
    from bot.web.auth import Session
    from bot.web.services import WebServices


@dataclass(frozen=True, slots=True)
class SentForm:
    """A form of a page; ``given`` is the reply in it, None where nothing was said."""

    form: FormData
    said: Reply | None
    packed: str
    given: IncomingReply | None


@asynccontextmanager
async def sent_form(site: WebServices, request: Request, visiting: Session, person: str) -> AsyncIterator[SentForm]:
    """A form of this session, its file in memory as long as the block lasts.

    A file that the place does not take is not kept, and each person sends one large file at a time.
    """
    length = whole(request.headers.get("content-length", "")) or FILE_BYTES + AROUND_BYTES
    takes_file = length <= FORM_BYTES or await site.file_use(person) is not FileUse.NONE
    async with site.upload(person, length if length > FORM_BYTES and takes_file else 0):
        async with form_of(request, takes_file=takes_file) as form:
            check(visiting, form)
            said, packed, file = await said_in(form)
        rows = None
        if isinstance(said, FileReply):
            file = file if takes_file else None
            use = await site.file_use(person, said.name) if file is not None else FileUse.NONE
            rows = await site.read(use, file, said.name) if file is not None else None
        given = None
        if said is not None or packed:
            once = numbered(person, text_in(form, "once")[:64], packed or repr(said))
            at = text_in(form, "at")
            given = IncomingReply(person, said, packed, once, whole_in(form, "rev"), file, at, rows)
        yield SentForm(form, said, packed, given)
