"""Telling others what a turn means for them: it goes above whatever their chat shows, in a message of its own."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace

from bot.dialog.answer_slot import clip
from bot.dialog.screens.sign_off import void_notice
from bot.domain.access.redaction import veiled
from bot.domain.events import PersonId
from bot.domain.negotiation import Happened, Negotiation
from bot.storage import UnitOfWork

ASIDE_LIMIT_CHARACTERS = 1500  # what collapsed turns have to say together
ASIDE_LEAST_CHARACTERS = 60  # of each of them


def together(told: Sequence[str], most: int = ASIDE_LIMIT_CHARACTERS) -> str:
    """All that was told, line below line; where that is too long, the beginning of each and how much more it said."""
    whole = "\n".join(told)
    if len(whole) <= most:
        return whole
    return "\n".join(clip(text, max(most // len(told), ASIDE_LEAST_CHARACTERS)) for text in told)


def notify(
    tx: UnitOfWork,
    person: PersonId,
    number: int,
    about: str,
    elsewhere: str,
    *,
    most: int = ASIDE_LIMIT_CHARACTERS,
    latest: str = "",
) -> bool:
    """Put words above a person's place; whose chat is in other talks reads ``elsewhere``. False without a chat.

    Of words that were told as the ``latest`` of something and not seen, only the last are left.
    """
    chat = tx.chat(person)
    if chat is None:
        return False
    told = json.loads(chat.aside) if chat.aside else {}
    pending = chat.shown < chat.rev
    words = about if chat.negotiation == number else elsewhere
    before, named = (told.get("aside", ""), told.get("latest", {})) if pending else ("", {})
    if latest and latest in named:
        before = before.replace(named[latest], "").strip("\n")
    aside = {"aside": together([part for part in (before, words) if part], most), "undo": told.get("undo", "")}
    if named or latest:
        aside["latest"] = {**named, latest: words} if latest else named
    if pending and told.get("elsewhere"):
        aside["elsewhere"] = True
    tx.put_chat(
        replace(
            chat,
            aside=json.dumps(aside),
            settle=chat.settle if pending else "",
            paper=chat.paper if pending else None,
            fresh=True,
            rev=chat.rev + 1,
        )
    )
    return True


def notify_void_sign_off(
    tx: UnitOfWork, number: int, before: Negotiation | None, after: Negotiation | None, happened: tuple[Happened, ...]
) -> tuple[PersonId, ...]:
    """Tell the leads, but for whoever did it, that a change made a sign-off void; whom."""
    if before is None or after is None or not happened:
        return ()
    notice = void_notice(veiled(before), veiled(after), happened)  # wherever they read it
    if not notice:
        return ()
    elsewhere = f"Talks with {after.counterpart}: the sign-off is void. Open them to see what changed."
    by = happened[-1].by
    return tuple(lead for lead in after.leads if lead != by and notify(tx, lead, number, notice, elsewhere))
