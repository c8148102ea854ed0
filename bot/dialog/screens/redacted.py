"""What a chat may not carry is not asked in it: there, one place stands for all that would show or take content.

An item's content is kept out (``pointer``: names, first-pass claims and document references may be
said; ``sealed``: nothing is asked), or the whole negotiation's. What is typed or sent there all the same
is not recorded and not repeated; the message is to be deleted, and the person is told.
"""

from __future__ import annotations

from dataclasses import dataclass

from bot.dialog.answer_slot import gaps_at, mark
from bot.dialog.contract import (
    Action,
    Button,
    ButtonReply,
    Command,
    Context,
    FileReply,
    Link,
    Message,
    Outcome,
    Place,
    Reply,
    TextReply,
    UnsupportedReply,
    WebLink,
)
from bot.dialog.screens.chat_redaction import ChatRedactionItem, ConfirmDisclosure
from bot.dialog.screens.evidence import EvidenceDetail, ItemEvidence
from bot.dialog.screens.first_pass import CLAIMS
from bot.dialog.screens.home import Home
from bot.dialog.screens.item import ItemHistoryPage, ItemWhy, NextItem, about_buttons, at, question, where
from bot.dialog.screens.ownership import AssignOwner, SetDueDate
from bot.dialog.screens.partner_release import InternalItem
from bot.dialog.screens.review_import import ReviewImport
from bot.dialog.screens.sign_off import ASKED, SignOffPage, SignState
from bot.dialog.screens.summary import GapDetail
from bot.dialog.screens.unknowns import UnknownDetail
from bot.dialog.screens.void_warning import ConfirmVoid
from bot.domain.access.permissions import Permission
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
    Target,
    Waived,
)
from bot.domain.events.base import of_section
from bot.domain.ownership import item_of
from bot.domain.proposed_changes import CHANGES

REFERENCE = 120  # characters of a document's reference: enough to name one, too few to copy it out
REFERRED = NotApplicable(reason="See the document references.")
TELLS_NOTHING: tuple[type[Place], ...] = (
    *(ItemWhy, ItemHistoryPage, NextItem, AssignOwner, SetDueDate, GapDetail, UnknownDetail, ConfirmDisclosure),
)
REFERS: tuple[type[Place], ...] = (ItemEvidence, EvidenceDetail)
MARKS: tuple[type[Place], ...] = (ChatRedactionItem, InternalItem)  # nothing typed there is meant for the item
CONTENT = (Answered, RowPut, RowRemoved, Claimed, Confirmed, TakenBack, EvidenceAdded, EvidenceRemoved, Waived)
SENT = (
    "What you sent is kept out of this chat, so nothing was recorded, and I am deleting your message here. "
    "It did pass through Telegram’s servers: Telegram may have seen it."
)
TAPPED = "That is kept out of this chat now. Nothing was recorded."
LONG = f"A reference names a document: one line, at most {REFERENCE} characters."
ON_OUR_PAGE = "🔒 Open it on our own page"


def stand_in(context: Context, place: Place) -> Place:
    """The place to stand at instead of one that shows or takes what this chat may not carry."""
    if context.role is not None and isinstance(place, RedactedItem):
        place = place.resolve(context)  # in the chat it stands for the item, which our own pages show
    if context.role is None or not context.here.veiled:
        return place
    if isinstance(place, ConfirmVoid):
        asked_at = stand_in(context, place.heard_at)
        return place if asked_at == place.heard_at else asked_at
    if isinstance(place, ReviewImport):
        return Home() if _brings(context, place.changes) else place
    if isinstance(place, SignState) and WHOLE in context.here.shields and place.verdict in ASKED:
        return RedactedItem(WHOLE)
    item = _item(context, place)
    if not item or isinstance(place, (RedactedItem, *TELLS_NOTHING)):
        return place
    if isinstance(place, REFERS) and shield(context.here, item) == "pointer":
        return place
    return RedactedItem(item)


def carried(context: Context, place: Place, said: Reply, turn: Outcome) -> Outcome:
    """The turn, or a refusal where this chat would carry what it may not."""
    if context.role is None or not context.here.veiled or isinstance(said, Command):
        return turn
    sent = isinstance(said, TextReply | FileReply | UnsupportedReply)
    if isinstance(turn.place, ReviewImport) and turn.place != place and _brings(context, turn.place.changes):
        return Outcome(place, aside=SENT, erase=True)
    if turn.paper and turn.paper.form == "evidence" and _item(context, place):
        return Outcome(place, aside=TAPPED)
    if not all(may_carry(context, event) for event in turn.events):
        long = isinstance(said, TextReply) and isinstance(place, ItemEvidence)
        return Outcome(place, aside=f"{SENT if sent else TAPPED}{f' {LONG}' if long else ''}", erase=sent)
    if sent and not turn.events and (_item(context, place) or (turn.place == place and _around(context, place))):
        return turn if turn.erase else Outcome(place, aside=SENT, erase=True)
    return turn


def slips(context: Context, place: Place) -> bool:
    """Whether a message sent while a person stands here may hold what this chat may not carry."""
    return (
        context.role is not None
        and bool(context.here.veiled)
        and (bool(_item(context, place)) or _around(context, place))
    )


def may_carry(context: Context, event: AnyEvent) -> bool:
    """Whether this chat may carry what an event says."""
    n = context.here
    if isinstance(event, Signed):
        return not event.words or WHOLE not in n.shields
    item = item_of(event.concerns() or "")
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


def _item(context: Context, place: Place) -> str:
    """The item whose content is kept out of this chat that a place is about; empty for none."""
    if isinstance(place, MARKS):
        return ""
    return next((item for target in place.targets if (item := item_of(target)) in context.here.veiled), None) or ""


def _around(context: Context, place: Place) -> bool:
    """Whether a place lies in a section, or in talks, of which something is kept out."""
    if WHOLE in context.here.shields or isinstance(place, RedactedItem):
        return True
    if isinstance(place, TELLS_NOTHING):
        return False
    sections = {of_section(section.id): section for section in context.here.checklist.sections}
    return any(
        item.id in context.here.veiled
        for target in place.targets
        if target in sections
        for item in sections[target].items
    )


def _brings(context: Context, changes: str) -> bool:
    return any(change.item in context.here.veiled for change in CHANGES.validate_json(changes))


def place_of_page(context: Context, path: str) -> Place | None:
    """The place that a page of our own shows, where nothing is veiled; None when there is none."""
    kind, _, name = path.partition("/")
    if kind == "item" and name in context.here.checklist.item:
        return at(context.item(name))
    return SignOffPage() if path == "sign" else None


@dataclass(frozen=True)
class RedactedItem(Place):
    """Stands for an item, or for the talks as a whole, whose content is not asked and not shown in this chat."""

    code = "ko"
    verb = Permission.LOOK
    item: str

    @property
    def targets(self) -> tuple[Target, ...]:
        return (self.item,) if self.item else ()

    def render(self, context: Context) -> Message:
        if not self.item or self.item not in context.here.checklist.item:
            text = "The conditions or the reason of a signature are kept out of this chat."
            return Message(
                "Sign-off", f"{text} {_elsewhere(context)}", (*_page(context, "sign"), (_back(SignOffPage()),))
            )
        item, how = context.item(self.item), self._how(context)
        lines = [*question(context, item)[:1], _kept(how), _elsewhere(context), _stands(context, item)]
        lines += [line for line in question(context, item)[1:] if not line.startswith("For example")]
        status = _status(context, item) if how == "pointer" and context.answers else ()
        return Message(
            f"{where(context, item)}: {item.label}",
            "\n\n".join(line for line in lines if line),
            (*_page(context, f"item/{item.id}"), *status, *_about(context, item, how)),
        )

    def _how(self, context: Context) -> How:
        return shield(context.here, self.item) if context.here.veiled else "chat"

    def resolve(self, context: Context) -> Place:
        """The item itself, where it may be shown again."""
        if not self.item:
            return self if WHOLE in context.here.shields and context.veiled else SignOffPage()
        if self.item not in context.here.checklist.item:
            return Home()
        return self if self.item in context.here.veiled else at(context.item(self.item)).resolve(context)

    def handle(self, context: Context, said: Reply) -> Outcome:
        if not isinstance(said, ButtonReply):
            return Outcome(self, aside=SENT, erase=True)
        if self._how(context) != "pointer":
            return Outcome(self, aside=TAPPED)
        match said:
            case ButtonReply(act=act) if act in set(Claim):
                kept = f"First pass: {CLAIMS[Claim(act)].lower()}."
                return Outcome(self, (Claimed(item=self.item, claim=Claim(act)),), kept=kept)
            case ButtonReply(act="unknown"):
                if context.here.record(self.item).written:
                    return Outcome(self, aside="Something is written here. Nothing was recorded.")
                return Outcome(
                    NextItem(self.item), (Answered(item=self.item, answer=UNKNOWN),), kept="Recorded: unknown"
                )
            case ButtonReply(act="referred") if _referred(context, context.item(self.item)):
                referred = Answered(item=self.item, answer=REFERRED)
                return Outcome(NextItem(self.item), (referred,), kept="Recorded: not applicable, see the references")
            case _:
                return Outcome(self, aside=TAPPED)


def _back(place: Place) -> Button:
    return Button("Back", Link(place))


def _page(context: Context, path: str) -> tuple[tuple[Button, ...], ...]:
    return ((Button(ON_OUR_PAGE, WebLink(path)),),) if context.pages else ()


def _kept(how: How) -> str:
    if how == "pointer":
        return "🔒 This chat carries how far it is and where the documents are, not the answer."
    return "🔒 Sealed: not asked in this chat."


def _elsewhere(context: Context) -> str:
    if context.pages:
        return "The button opens our own page, which Telegram does not see into."
    return "Open it in the browser or in the terminal of your office. Please do not type it here."


def _stands(context: Context, item: Item) -> str:
    """How it stands, without what is said."""
    if context.here.record(item.id).written:
        return (
            f"Something is written: {mark(context, item)}" if gaps_at(context, item.id) else "Something is written: ✓"
        )
    return (
        "Recorded as unknown." if isinstance(context.here.record(item.id).said, Unknown) else "Nothing is written yet."
    )


def _referred(context: Context, item: Item) -> bool:
    """Whether it can be set aside by what the documents say: never what applies to all talks, or holds rows."""
    record = context.here.record(item.id)
    touched = any(row.touched for row in record.rows.values())
    return not item.always_applies and not touched and any(evidence.form != "file" for evidence in record.evidence)


def _status(context: Context, item: Item) -> tuple[tuple[Button, ...], ...]:
    """How far it is, with a tap."""
    record = context.here.record(item.id)
    claims = tuple(
        Button(f"{'✓ ' if record.claim == claim else ''}{label}", Action(claim)) for claim, label in CLAIMS.items()
    )
    hedges = [] if record.written else [Button("Unknown", Action("unknown"))]
    if _referred(context, item):
        hedges.append(Button("Not applicable: see the references", Action("referred")))
    return (claims, tuple(hedges))


def _about(context: Context, item: Item, how: How) -> tuple[tuple[Button, ...], ...]:
    """The buttons that every item has, but for the evidence of what is sealed."""
    rows = about_buttons(context, item)
    if how == "pointer":
        return rows
    return tuple(
        tuple(
            button
            for button in row
            if not (isinstance(button.means, Link) and isinstance(button.means.place, ItemEvidence))
        )
        for row in rows
    )
