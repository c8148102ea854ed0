"""Whether an event fits a checklist: its item is there, and the answer is of the item's kind."""

from __future__ import annotations

from dataclasses import dataclass
from typing import assert_never

from bot.domain.answers import Answer, Day, NotApplicable, Number, Picked, Pointer, Saying, Text, Unknown
from bot.domain.checklist import Asked, Checklist, Item, Kind
from bot.domain.events import (
    Answered,
    AnyEvent,
    Archived,
    Assigned,
    DueSet,
    Exported,
    Handling,
    Internal,
    Invited,
    Joined,
    Keep,
    Knocked,
    Left,
    Opened,
    PassphraseReset,
    Passphrases,
    Pursued,
    Renamed,
    Rescheduled,
    Restricted,
    RoleGiven,
    RowPut,
    Screened,
    Shielded,
    Signed,
    Target,
    TurnedAway,
    Waived,
    WaiverExpired,
    WaiverReinstated,
)
from bot.domain.events.base import SECTION
from bot.domain.negotiation import FORM
from bot.domain.ownership import item_of

FITTING: dict[Kind, type[Saying]] = {
    Kind.TEXT: Text,
    Kind.NUMBER: Number,
    Kind.DATE: Day,
    Kind.ROW: Pointer,
    Kind.YES_NO: Picked,
    Kind.YES_PARTLY_NO: Picked,
    Kind.CHOICE: Picked,
    Kind.CHOICES: Picked,
}
DIGITS = 1000  # a number written out must fit on a page


@dataclass(frozen=True, slots=True)
class Misfit:
    """What does not fit, and the path to it inside the event, beginning with a dot."""

    at: str
    what: str


def misfit(event: AnyEvent, checklist: Checklist) -> Misfit | None:  # noqa: C901 (one case an event)
    """Find the first thing in an event that cannot stand in a negotiation on this checklist."""
    match event:
        case Opened() | Rescheduled() | Invited() | Joined() | Left() | Signed() | RoleGiven() | Archived() | Keep():
            return None
        case (
            Exported()
            | Handling()
            | Screened()
            | Knocked()
            | TurnedAway()
            | Passphrases()
            | PassphraseReset()
            | Renamed()
        ):
            return None
        case Internal(target=target):
            return _unmarkable(target, checklist)
        case Shielded(target=target):
            return _aimless(target, checklist) if target else None
        case Restricted(section=section):
            return None if section in checklist.section else Misfit(".section", "the checklist has no such section")
        case Assigned(target=target) | DueSet(target=target) | Pursued(spot=target):
            return _aimless(target, checklist)
        case Waived(gap=gap) | WaiverExpired(gap=gap) | WaiverReinstated(gap=gap):
            known = gap.split("/")[0] in checklist.item
            return None if known else Misfit(".gap", "the checklist has no such item")
        case _:
            item = checklist.item.get(event.item)
            if item is None:
                return Misfit(".item", "the checklist has no such item")
    match event:
        case Answered(answer=answer):
            what = unfit(item, answer)
            return Misfit(".answer", what) if what else None
        case RowPut():
            return _row(event, item)
        case _:
            return None


def _aimless(target: Target, checklist: Checklist) -> Misfit | None:
    item = item_of(target)
    if item is None:
        known = target.removeprefix(SECTION) in checklist.section
        return None if known else Misfit(".target", "the checklist has no such section")
    return None if item in checklist.item else Misfit(".target", "the checklist has no such item")


def _unmarkable(target: str, checklist: Checklist) -> Misfit | None:
    item, dot, field = target.partition(".")
    if dot and item in checklist.item and field not in checklist.item[item].field:
        return Misfit(".target", "this item has no such field")
    return _aimless(item if dot else target, checklist)


def _row(event: RowPut, item: Item) -> Misfit | None:
    if not item.has_rows:
        return Misfit(".item", "this item has no rows")
    if item.kind == Kind.FORM and event.row != FORM:
        return Misfit(".row", f"a form has only the row “{FORM}”")
    for name, cell in event.cells.items():
        if name not in item.field:
            return Misfit(f".cells.{name}", "this item has no such field")
        what = unfit(item.field[name], cell)
        if what:
            return Misfit(f".cells.{name}", what)
    return None


def unfit(asked: Asked, said: Answer | None) -> str:
    """Say why an answer cannot stand at a question, or nothing when it can."""
    match said:
        case None | Unknown() | NotApplicable():
            return ""
        case Text() | Number() | Day() | Picked() | Pointer():
            if asked.kind not in FITTING or not isinstance(said, FITTING[asked.kind]):
                return f"a {said.kind} does not answer a question of kind {asked.kind}"
        case _:
            assert_never(said)
    match said:
        case Number(number=number) if len(number.as_tuple().digits) + abs(number.adjusted()) > DIGITS:
            return "the number is too long to be written out"
        case Picked(options=options):
            return _unpicked(asked, options)
        case _:
            return ""


def _unpicked(asked: Asked, options: tuple[str, ...]) -> str:
    if any(option not in asked.choices for option in options):
        return "there is no such option"
    if len(options) != len(set(options)):
        return "an option is picked twice"
    if len(options) != 1 and asked.kind != Kind.CHOICES:
        return "exactly one option can be picked"
    return ""
