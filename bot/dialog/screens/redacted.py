"""What a chat may not carry is not asked in it: there, one place stands for all that would show or take content.

An item's content is kept out (``pointer``: names, first-pass claims and document references may be
said; ``sealed``: nothing is asked), or the whole negotiation's. What is typed or sent there all the same
is not recorded and not repeated; the message is to be deleted, and the person is told.
"""

from __future__ import annotations

from dataclasses import dataclass

from bot.dialog.answer_slot import gaps_at, mark
from bot.dialog.contract import (
    Button,
    Command,
    Do,
    Go,
    Page,
    Place,
    Room,
    Said,
    Say,
    Sent,
    Tapped,
    Turn,
    Typed,
    Unheard,
)
from bot.dialog.screens.chat_redaction import LettingOut
from bot.dialog.screens.evidence import AtEvidence, OneEvidence
from bot.dialog.screens.first_pass import CLAIMS
from bot.dialog.screens.home import Home
from bot.dialog.screens.item import History, Onward, Why, about_buttons, at, question, where
from bot.dialog.screens.ownership import Dating, Giving
from bot.dialog.screens.review_import import Reviewing
from bot.dialog.screens.sign_off import ASKED, Signing, SigningOff
from bot.dialog.screens.summary import AtGap
from bot.dialog.screens.unknowns import AtUnknown
from bot.domain.access.need_to_know import concerns
from bot.domain.access.permissions import Verb
from bot.domain.access.redaction import WHOLE, shield
from bot.domain.answers import UNKNOWN, Claim, NotApplicable, Unknown
from bot.domain.checklist import Item
from bot.domain.events import (
    Answered,
    AnyEvent,
    Claimed,
    Confirmed,
    EvidenceAdded,
    EvidenceRemoved,
    How,
    RowPut,
    RowRemoved,
    Signed,
    TakenBack,
    Waived,
)
from bot.domain.ownership import item_of
from bot.domain.proposed_changes import CHANGES

REFERENCE = 120  # characters of a document's reference: enough to name one, too few to copy it out
REFERRED = NotApplicable(reason="See the document references.")
TELLS_NOTHING: tuple[type[Place], ...] = (*(Why, History, Onward, Giving, Dating, AtGap, AtUnknown, LettingOut),)
REFERS: tuple[type[Place], ...] = (AtEvidence, OneEvidence)
CONTENT = (Answered, RowPut, RowRemoved, Claimed, Confirmed, TakenBack, EvidenceAdded, EvidenceRemoved, Waived)
SENT = (
    "What you sent is kept out of this chat, so nothing was recorded, and I am deleting your message here. "
    "It did pass through Telegram’s servers: Telegram may have seen it."
)
TAPPED = "That is kept out of this chat now. Nothing was recorded."
LONG = f"A reference names a document: one line, at most {REFERENCE} characters."
ON_OUR_PAGE = "🔒 Open it on our own page"


def stand_in(room: Room, place: Place) -> Place:
    """The place to stand at instead of one that shows or takes what this chat may not carry."""
    if room.role is not None and isinstance(place, KeptOut):
        place = place.arrived(room)  # in the chat it stands for the item, which our own pages show
    if room.role is None or not room.here.veiled:
        return place
    if isinstance(place, Reviewing):
        return Home() if _brings(room, place.changes) else place
    if isinstance(place, Signing) and WHOLE in room.here.shields and place.verdict in ASKED:
        return KeptOut(WHOLE)
    item = _item(room, place)
    if not item or isinstance(place, (KeptOut, *TELLS_NOTHING)):
        return place
    if isinstance(place, REFERS) and shield(room.here, item) == "pointer":
        return place
    return KeptOut(item)


def carried(room: Room, place: Place, said: Said, turn: Turn) -> Turn:
    """The turn, or a refusal where this chat would carry what it may not."""
    if room.role is None or not room.here.veiled or isinstance(said, Command):
        return turn
    sent = isinstance(said, Typed | Sent | Unheard)
    if isinstance(turn.place, Reviewing) and turn.place != place and _brings(room, turn.place.changes):
        return Turn(place, aside=SENT, erase=True)
    if turn.paper and turn.paper.form == "evidence" and _item(room, place):
        return Turn(place, aside=TAPPED)
    if not all(may_carry(room, one) for one in turn.events):
        long = isinstance(said, Typed) and isinstance(place, AtEvidence)
        return Turn(place, aside=f"{SENT if sent else TAPPED}{f' {LONG}' if long else ''}", erase=sent)
    if sent and not turn.events and (_item(room, place) or (turn.place == place and _around(room, place))):
        return turn if turn.erase else Turn(place, aside=SENT, erase=True)
    return turn


def slips(room: Room, place: Place) -> bool:
    """Whether a message sent while a person stands here may hold what this chat may not carry."""
    return room.role is not None and bool(room.here.veiled) and (bool(_item(room, place)) or _around(room, place))


def may_carry(room: Room, event: AnyEvent) -> bool:
    """Whether this chat may carry what an event says."""
    n = room.here
    if isinstance(event, Signed):
        return not event.words or WHOLE not in n.shields
    item = item_of(concerns(event) or "")
    if item not in n.veiled or not isinstance(event, CONTENT):
        return True
    if isinstance(event, Waived) and event.reason is None:
        return True
    if shield(n, item) == "sealed":
        return False
    match event:
        case Claimed() | Confirmed() | EvidenceRemoved() | TakenBack():
            return True
        case Answered(answer=answer):
            return answer is None or isinstance(answer, Unknown) or answer == REFERRED
        case EvidenceAdded(evidence=evidence):
            return evidence.form != "file" and len(evidence.text) <= REFERENCE and "\n" not in evidence.text
        case _:
            return False


def _item(room: Room, place: Place) -> str:
    """The item whose content is kept out of this chat that a place is about; empty for none."""
    for name in ("item", "target", "spot", "gap"):
        target = getattr(place, name, "")
        item = item_of(target) if isinstance(target, str) and target else None
        if item in room.here.veiled:
            return item
    return ""


def _around(room: Room, place: Place) -> bool:
    """Whether a place lies in a section, or in talks, of which something is kept out."""
    if WHOLE in room.here.shields or isinstance(place, KeptOut):
        return True
    section = room.here.checklist.section.get(getattr(place, "section", ""))
    return section is not None and any(item.id in room.here.veiled for item in section.items)


def _brings(room: Room, changes: str) -> bool:
    return any(one.item in room.here.veiled for one in CHANGES.validate_json(changes))


def place_of_page(room: Room, path: str) -> Place | None:
    """The place that a page of our own shows, where nothing is veiled; None when there is none."""
    kind, _, name = path.partition("/")
    if kind == "item" and name in room.here.checklist.item:
        return at(room.item(name))
    return SigningOff() if path == "sign" else None


@dataclass(frozen=True)
class KeptOut(Place):
    """Stands for an item, or for the talks as a whole, whose content is not asked and not shown in this chat."""

    code = "ko"
    verb = Verb.LOOK
    item: str

    def says(self, room: Room) -> Say:
        if not self.item or self.item not in room.here.checklist.item:
            text = "The conditions or the reason of a signature are kept out of this chat."
            return Say("Sign-off", f"{text} {_elsewhere(room)}", (*_page(room, "sign"), (_back(SigningOff()),)))
        item, how = room.item(self.item), self._how(room)
        lines = [*question(room, item)[:1], _kept(how), _elsewhere(room), _stands(room, item)]
        lines += [one for one in question(room, item)[1:] if not one.startswith("For example")]
        status = _status(room, item) if how == "pointer" and room.answers else ()
        return Say(
            f"{where(room, item)}: {item.label}",
            "\n\n".join(line for line in lines if line),
            (*_page(room, f"item/{item.id}"), *status, *_about(room, item, how)),
        )

    def _how(self, room: Room) -> How:
        return shield(room.here, self.item) if room.here.veiled else "chat"

    def arrived(self, room: Room) -> Place:
        """The item itself, where it may be shown again."""
        if not self.item:
            return self if WHOLE in room.here.shields and room.veiled else SigningOff()
        if self.item not in room.here.checklist.item:
            return Home()
        return self if self.item in room.here.veiled else at(room.item(self.item)).arrived(room)

    def hears(self, room: Room, said: Said) -> Turn:
        if not isinstance(said, Tapped):
            return Turn(self, aside=SENT, erase=True)
        if self._how(room) != "pointer":
            return Turn(self, aside=TAPPED)
        match said:
            case Tapped(act=act) if act in set(Claim):
                kept = f"First pass: {CLAIMS[Claim(act)].lower()}."
                return Turn(self, (Claimed(item=self.item, claim=Claim(act)),), kept=kept)
            case Tapped(act="unknown"):
                if room.here.record(self.item).written:
                    return Turn(self, aside="Something is written here. Nothing was recorded.")
                return Turn(Onward(self.item), (Answered(item=self.item, answer=UNKNOWN),), kept="Recorded: unknown")
            case Tapped(act="referred") if _referred(room, room.item(self.item)):
                referred = Answered(item=self.item, answer=REFERRED)
                return Turn(Onward(self.item), (referred,), kept="Recorded: not applicable, see the references")
            case _:
                return Turn(self, aside=TAPPED)


def _back(place: Place) -> Button:
    return Button("Back", Go(place))


def _page(room: Room, path: str) -> tuple[tuple[Button, ...], ...]:
    return ((Button(ON_OUR_PAGE, Page(path)),),) if room.pages else ()


def _kept(how: How) -> str:
    if how == "pointer":
        return "🔒 This chat carries how far it is and where the documents are, not the answer."
    return "🔒 Sealed: not asked in this chat."


def _elsewhere(room: Room) -> str:
    if room.pages:
        return "The button opens our own page, which Telegram does not see into."
    return "Open it in the browser or in the terminal of your office. Please do not type it here."


def _stands(room: Room, item: Item) -> str:
    """How it stands, without what is said."""
    if room.here.record(item.id).written:
        return f"Something is written: {mark(room, item)}" if gaps_at(room, item.id) else "Something is written: ✓"
    return "Recorded as unknown." if isinstance(room.here.record(item.id).said, Unknown) else "Nothing is written yet."


def _referred(room: Room, item: Item) -> bool:
    """Whether it can be set aside by what the documents say: never what applies to all talks, or holds rows."""
    record = room.here.record(item.id)
    touched = any(row.touched for row in record.rows.values())
    return not item.always_applies and not touched and any(one.form != "file" for one in record.evidence)


def _status(room: Room, item: Item) -> tuple[tuple[Button, ...], ...]:
    """How far it is, with a tap."""
    record = room.here.record(item.id)
    claims = tuple(
        Button(f"{'✓ ' if record.claim == claim else ''}{label}", Do(claim)) for claim, label in CLAIMS.items()
    )
    hedges = [] if record.written else [Button("Unknown", Do("unknown"))]
    if _referred(room, item):
        hedges.append(Button("Not applicable: see the references", Do("referred")))
    return (claims, tuple(hedges))


def _about(room: Room, item: Item, how: How) -> tuple[tuple[Button, ...], ...]:
    """The buttons that every item has, but for the evidence of what is sealed."""
    rows = about_buttons(room, item)
    if how == "pointer":
        return rows
    return tuple(
        tuple(one for one in row if not (isinstance(one.means, Go) and isinstance(one.means.place, AtEvidence)))
        for row in rows
    )
