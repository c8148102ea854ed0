"""Places and taps on the wire: in 64 bytes for a Telegram button, as JSON for the database.

A button holds the number of its negotiation and the whole place that hears it, so that an
old button still means what it said. Where that does not fit (a draft someone is typing),
it holds the revision of the chat instead and is heard only while the chat stands there.

    3>i~goals~2k         negotiation 3, go to item goals
    3!pick:must@f~goals~r1~want~2k
    3*1f!record:         heard by the place of revision 1f
    ^3/item/goals        a page of our own; whoever shows the button knows its address
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, fields, replace
from functools import cache

from bot.dialog.contract import Action, Button, Link, Place, WebLink
from bot.dialog.parsing.whole import whole
from bot.domain.purgeable_cache import remembered

LIMIT = 64  # bytes; Bot API, InlineKeyboardButton.callback_data
PLAIN = re.compile(r"[A-Za-z0-9_/:-]*")  # ids and targets; anything else is somebody's words and stays out of buttons
PAGE = "^"  # what a button that opens a page begins with; no tap does
DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


class UnknownCallback(ValueError):
    """Bytes that no button of ours can have held."""


@dataclass(frozen=True, slots=True)
class CallbackData:
    """A tap, read back: which negotiation (0: none), and what the button meant.

    ``place`` heard it, or is where it leads (``act`` is None). Without a place the chat's
    own place of revision ``rev`` is meant.
    """

    talks: int
    place: Place | None
    act: str | None
    arg: str = ""
    rev: int | None = None


@cache
def kinds() -> dict[str, type[Place]]:
    """Every place by its code."""
    from bot.dialog.screens import (
        admission,
        changes,
        chat_redaction,
        clarifications,
        evidence,
        export,
        first_pass,
        gates,
        group_cards,
        home,
        item,
        my_work,
        negotiations,
        opening,
        ownership,
        partner_release,
        passphrases,
        pasted_rows,
        placing,
        redacted,
        reminder_settings,
        remove_row,
        retention,
        review_import,
        roles,
        row,
        search,
        section_visibility,
        shortest_path,
        sign_off,
        summary,
        table,
        team,
        unknowns,
        void_warning,
        waivers,
    )

    modules = (
        *(home, opening, item, clarifications, table, row, pasted_rows, remove_row, first_pass, evidence),
        *(
            summary,
            gates,
            ownership,
            my_work,
            unknowns,
            team,
            roles,
            section_visibility,
            negotiations,
            search,
            export,
            retention,
        ),
        *(
            reminder_settings,
            group_cards,
            partner_release,
            review_import,
            waivers,
            sign_off,
            changes,
            shortest_path,
            admission,
        ),
        *(redacted, chat_redaction, passphrases, void_warning, placing),
    )
    return {
        kind.code: kind
        for module in modules
        for kind in vars(module).values()
        if isinstance(kind, type) and issubclass(kind, Place) and kind is not Place
    }


def base36(number: int) -> str:
    """A number in as few characters as buttons deserve."""
    digits = ""
    while number:
        number, digit = divmod(number, 36)
        digits = DIGITS[digit] + digits
    return digits or "0"


def stored(place: Place) -> str:
    """A place as the database keeps it."""
    return json.dumps([place.code, *(getattr(place, name) for name in _names(type(place)))], ensure_ascii=True)


def restored(text: str) -> Place:
    """The place that `stored` wrote."""
    try:
        code, *args = json.loads(text)
        return kinds()[code](*(tuple(arg) if isinstance(arg, list) else arg for arg in args))
    except (ValueError, KeyError, TypeError) as error:
        raise UnknownCallback(text[:80]) from error


def wordless(place: Place) -> Place:
    """A place without what somebody said there, which is no part of its address: ids and numbers are left."""
    place = place.question
    held = {name: getattr(place, name) for name in _names(type(place))}
    said = [name for name, value in held.items() if isinstance(value, str) and not PLAIN.fullmatch(value)]
    said += [name for name, value in held.items() if isinstance(value, tuple)]
    said += [name for name in held if name == "secret"]  # of an invitation: it is no longer shown once it was used
    return replace(place, **{name: type(held[name])() for name in said}) if said else place  # type: ignore[type-var]  # as above


def pack(button: Button, place: Place, talks: int, rev: int) -> str:
    """What a button of ``place`` carries, 64 bytes at most."""
    number = base36(talks)
    match button.means:
        case WebLink(path=path):
            return f"{PAGE}{talks}/{path}"
        case Link(place=target):
            short = _short(target)
            packed = f"{number}>{short}" if short is not None else ""
            if not packed or len(packed.encode()) > LIMIT:
                raise UnknownCallback(f"{type(target).__name__} does not fit a button")
            return packed
        case Action(act=act, arg=arg):
            short = _short(place)
            packed = f"{number}!{act}:{arg}@{short}"
            if short is None or place.draft or len(packed.encode()) > LIMIT:
                packed = f"{number}*{base36(rev)}!{act}:{arg}"
            return packed


@remembered(64)
def _short(place: Place) -> str | None:
    """The place in a button's few characters, None when it holds what does not fit."""
    parts = [place.code]
    for name in _names(type(place)):
        value = getattr(place, name)
        if isinstance(value, int):
            parts.append(base36(value))
        elif isinstance(value, str) and PLAIN.fullmatch(value):
            parts.append(value)
        elif value != ():
            return None
    return "~".join(parts)


@cache
def _names(kind: type[Place]) -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind))  # type: ignore[arg-type]  # every place is a dataclass


def unpack(packed: str) -> CallbackData:
    """What a button meant. Raises `UnknownCallback` for anything a button of ours cannot have held."""
    try:
        for sign in ">!*":
            number, found, rest = packed.partition(sign)
            if found and (talks := whole(number, 36)) is not None:
                if sign == ">":
                    return CallbackData(talks, _long(rest), None)
                if sign == "*":
                    rev, _, deed = rest.partition("!")
                    act, _, arg = deed.partition(":")
                    return CallbackData(talks, None, act, arg, _number(rev))
                deed, _, short = rest.rpartition("@")
                act, _, arg = deed.partition(":")
                heard = _long(short)
                if not heard.draft:
                    return CallbackData(talks, heard, act, arg)
    except (ValueError, KeyError, TypeError) as error:
        raise UnknownCallback(packed[:LIMIT]) from error
    raise UnknownCallback(packed[:LIMIT])


def _number(text: str) -> int:
    found = whole(text, 36)
    if found is None:
        raise UnknownCallback(text[:LIMIT])
    return found


def _long(short: str) -> Place:
    code, *args = short.split("~")
    kind = kinds()[code]
    wanted = [field for field in fields(kind) if field.type != "tuple[str, ...]"]  # type: ignore[arg-type]
    if len(args) > len(wanted):
        raise UnknownCallback(short)
    values = {
        field.name: _number(arg) if field.type == "int" else arg for field, arg in zip(wanted, args, strict=False)
    }
    return kind(**values)
