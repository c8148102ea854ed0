"""A chat: where it stands, what it says there, and where a turn moves it."""

from __future__ import annotations

import json
import logging
from dataclasses import replace

from bot.dialog.front import Outcome, left_behind, say
from bot.dialog.home import Home
from bot.dialog.place import Place, Room, Say
from bot.dialog.wire import PAGE, Garbled, pack, restored, stored
from bot.store import ChatRow
from bot.telling import ASIDE_LIMIT
from bot.traffic import Brought, Showing

log = logging.getLogger(__name__)
ELSEWHERE = "Something was recorded outside this chat."
TOLD_LIMIT = 20  # turns that collapse into one and are still told apart


def place_of(text: str) -> Place:
    """The place that was stored; home when it is no more."""
    try:
        return restored(text)
    except Garbled:
        log.warning("a chat stood at a place that is no more; it begins at home")
        return Home()


def says(chat: ChatRow, room: Room) -> Say:
    """What a chat says now."""
    told = json.loads(chat.aside) if chat.aside else {"aside": "", "undo": ""}
    if room.veiled and told.get("elsewhere"):  # in words that this chat may not carry
        told = {**told, "aside": ELSEWHERE if told["aside"] else ""}
    try:
        return say(room, place_of(chat.place), told["aside"], told["undo"])
    except LookupError:  # the place is gone: a row removed, another checklist
        return say(room, Home(), told["aside"])


def packed(shown: Say, chat: ChatRow) -> tuple[tuple[tuple[str, str], ...], ...]:
    """The buttons below what a chat says, each label with what it carries."""
    place = place_of(chat.place)
    return tuple(
        tuple((button.label, pack(button, place, chat.negotiation or 0, chat.rev)) for button in row)
        for row in shown.buttons
    )


def addressed(buttons: tuple[tuple[tuple[str, str], ...], ...], pages: str) -> tuple[tuple[tuple[str, str], ...], ...]:
    """The buttons with the addresses of those that open pages of ours."""
    return tuple(
        tuple((label, f"{pages}/{data[1:]}" if data.startswith(PAGE) else data) for label, data in row)
        for row in buttons
    )


def shows(chat: ChatRow, telegram_id: int, shown: Say, paper: Brought | None, pages: str = "") -> Showing:
    """What a Telegram chat should show now; ``pages`` begins the addresses of our own."""
    return Showing(
        person=chat.person,
        telegram_id=telegram_id,
        rev=chat.rev,
        message_id=chat.message_id,
        fresh=chat.fresh or chat.message_id is None or paper is not None,
        title=shown.title,
        text=shown.text,
        buttons=addressed(packed(shown, chat), pages),
        settle=chat.settle,
        paper=paper,
    )


def moved(chat: ChatRow, number: int | None, outcome: Outcome, room: Room, *, tapped: bool) -> ChatRow:
    """The chat after a turn. What earlier turns told and nobody has seen yet is told with it."""
    pending, rev = chat.shown < chat.rev, chat.rev + 1
    told = json.loads(chat.aside) if pending and chat.aside else {}
    # By the turn that told it. A row of before these were kept told all in its last turn.
    untold = [(at, text) for at, text in told.get("told", [(chat.rev, told.get("aside"))]) if at > chat.shown and text]
    untold += [(rev, outcome.aside)] if outcome.aside else []
    keeps = pending and chat.settle and told.get("settled", chat.rev) > chat.shown
    paper = outcome.turn.paper
    waiting = chat.paper if pending and number == chat.negotiation else None
    aside = {
        "aside": "\n".join(text for _, text in untold)[-ASIDE_LIMIT:],
        "undo": outcome.undo,
        "told": untold[-TOLD_LIMIT:],
        "settled": told.get("settled", chat.rev) if keeps else rev,
    }
    if (untold and told.get("elsewhere")) or (not room.veiled and outcome.n is not None and outcome.n.shields):
        aside["elsewhere"] = True
    return replace(
        chat,
        negotiation=number,
        place=stored(outcome.place),
        aside=json.dumps(aside),
        settle=chat.settle if keeps else left_behind(room, outcome),
        paper=json.dumps([paper.form, paper.arg]) if paper else waiting,
        fresh=not tapped or (pending and chat.fresh),
        rev=rev,
    )
