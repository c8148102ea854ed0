"""A chat: where it stands, what it says there, and where a turn moves it."""

from __future__ import annotations

import json
import logging
from contextlib import suppress
from dataclasses import replace
from hashlib import sha256

from bot.application.announcements import together
from bot.application.messages import OutgoingMessage, UploadJob
from bot.dialog.callback_data import PAGE, UnknownCallback, pack, restored, stored, wordless
from bot.dialog.contract import Context, DocumentRequest, Message, Place
from bot.dialog.engine import HandledReply, left_behind, render
from bot.dialog.screens.home import Home
from bot.dialog.screens.void_warning import ConfirmVoid
from bot.storage import ChatRow

log = logging.getLogger(__name__)
ELSEWHERE = "Something was recorded outside this chat."
MOVED = "moved"  # in a chat's aside: when a face of our own moved it, in seconds since 1970
TOLD_LIMIT = 20  # turns that collapse into one and are still told apart
WAITING = 8  # files that one chat waits for; of more, the latest come


def place_of(text: str) -> Place:
    """The place that was stored; home when it is no more."""
    try:
        return restored(text)
    except UnknownCallback:
        log.warning("a chat stood at a place that is no more; it begins at home")
        return Home()


def standing(chat: ChatRow) -> str:
    """A name for where a chat stands that tells nothing of it; another wherever else it stands."""
    return sha256(f"{chat.negotiation}\n{chat.place}".encode()).hexdigest()[:16]


def says(chat: ChatRow, context: Context) -> Message:
    """What a chat says now."""
    told = json.loads(chat.aside) if chat.aside else {"aside": "", "undo": ""}
    if context.veiled and told.get("elsewhere"):  # in words that this chat may not carry
        told = {**told, "aside": ELSEWHERE if told["aside"] else ""}
    try:
        return render(context, place_of(chat.place), told["aside"], told["undo"])
    except LookupError:  # the place is gone: a row removed, another checklist
        return render(context, Home(), told["aside"])


def undo_of(chat: ChatRow) -> str:
    """What the Undo button that a chat shows would take back; empty when it shows none."""
    return str(json.loads(chat.aside).get("undo", "")) if chat.aside else ""


def packed(shown: Message, chat: ChatRow) -> tuple[tuple[tuple[str, str], ...], ...]:
    """The buttons below what a chat says, each label with what it carries."""
    place = place_of(chat.place)
    return tuple(
        tuple((button.label, pack(button, place, chat.negotiation or 0, chat.rev)) for button in row)
        for row in shown.buttons
    )


def wanted(chat: ChatRow) -> tuple[tuple[DocumentRequest, int], ...]:
    """The files a chat has asked for and was not brought, each with the revision that asked."""
    if not chat.paper:
        return ()
    held = json.loads(chat.paper)
    rows = [[*held, chat.rev]] if isinstance(held[0], str) else held  # before several could wait, there was one
    return tuple((DocumentRequest(form, arg), asked) for form, arg, asked in rows if asked > chat.shown)


def _wanting(chat: ChatRow, number: int | None, paper: DocumentRequest | None) -> str | None:
    """The same after a turn: what waits already is not asked for twice, and stays with its negotiation."""
    waiting = wanted(chat) if number == chat.negotiation else ()
    if paper is not None and all(paper != request for request, _ in waiting):
        waiting = (*waiting, (paper, chat.rev + 1))
    return (
        json.dumps([[request.form, request.arg, asked] for request, asked in waiting[-WAITING:]]) if waiting else None
    )


def addressed(buttons: tuple[tuple[tuple[str, str], ...], ...], pages: str) -> tuple[tuple[tuple[str, str], ...], ...]:
    """The buttons with the addresses of those that open pages of ours."""
    return tuple(
        tuple((label, f"{pages}/{data[1:]}" if data.startswith(PAGE) else data) for label, data in row)
        for row in buttons
    )


def shows(
    chat: ChatRow, telegram_id: int, shown: Message, papers: tuple[UploadJob, ...] = (), *, pages: str = ""
) -> OutgoingMessage:
    """What a Telegram chat should show now; ``pages`` begins the addresses of our own."""
    return OutgoingMessage(
        person=chat.person,
        telegram_id=telegram_id,
        rev=chat.rev,
        message_id=chat.message_id,
        fresh=chat.fresh or chat.message_id is None or bool(papers),
        title=shown.title,
        text=shown.text,
        buttons=addressed(packed(shown, chat), pages),
        settle=chat.settle,
        papers=papers,
        place=stored(wordless(place_of(chat.place))),
        negotiation=chat.negotiation,
    )


def moved(chat: ChatRow, number: int | None, outcome: HandledReply, context: Context, *, tapped: bool) -> ChatRow:
    """The chat after a turn. What earlier turns told and nobody has seen yet is told with it.

    It waits for the files that were asked for in Telegram alone: a face of our own brings what it was asked for itself.
    """
    pending, rev = chat.shown < chat.rev, chat.rev + 1
    told = json.loads(chat.aside) if pending and chat.aside else {}
    # By the turn that told it. A row of before these were kept told all in its last turn.
    untold = [(at, text) for at, text in told.get("told", [(chat.rev, told.get("aside"))]) if at > chat.shown and text]
    untold += [(rev, outcome.aside)] if outcome.aside else []
    keeps = pending and chat.settle and told.get("settled", chat.rev) > chat.shown
    aside = {
        "aside": together([text for _, text in untold]),
        "undo": outcome.undo,
        "told": untold[-TOLD_LIMIT:],
        "settled": told.get("settled", chat.rev) if keeps else rev,
    }
    if (untold and told.get("elsewhere")) or (not context.veiled and outcome.n is not None and outcome.n.shields):
        aside["elsewhere"] = True
    if not context.veiled and stored(outcome.place) != chat.place:
        aside[MOVED] = context.now.timestamp()
    return replace(
        chat,
        negotiation=number,
        place=stored(outcome.place),
        aside=json.dumps(aside),
        settle=chat.settle if keeps else left_behind(context, outcome),
        paper=_wanting(chat, number, outcome.turn.paper if context.veiled else None),
        fresh=not tapped or (pending and chat.fresh),
        rev=rev,
    )


def kept_above(context: Context, place: Place, outcome: HandledReply) -> str:
    """What an answered message says from now on where a face of ours keeps it; empty when nothing was recorded."""
    if not outcome.happened:
        return ""
    place = place.shows
    place = place.heard_at if isinstance(place, ConfirmVoid) else place
    with suppress(LookupError):
        return f"{render(context, place).title}\n{outcome.kept}"
    return outcome.kept
