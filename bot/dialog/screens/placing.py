"""Where a message belongs that was not simply typed: a reply to an older message, words of others, a late part.

A reply is heard where the message stands that it replies to, and the person's own place waits behind it. What nobody
can tell the place of is recorded nowhere before a tap.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace

from bot.dialog.answer_slot import AnswerSlot, clip, items_shown
from bot.dialog.callback_data import UnknownCallback, restored, stored
from bot.dialog.contract import Action, Button, ButtonReply, Context, Link, Message, Outcome, Place, Reply, TextReply
from bot.dialog.refusals import entry
from bot.dialog.screens.clarifications import AnswerPart, Clarify, ContinueText, ResolveConflict, back_to
from bot.dialog.screens.evidence import ItemEvidence
from bot.dialog.screens.home import Home
from bot.dialog.screens.item import ItemQuestion, NotApplicableReason, at
from bot.dialog.screens.pasted_rows import PastedRows
from bot.dialog.screens.redacted import RedactedItem
from bot.dialog.screens.row import RowPage
from bot.dialog.screens.table import JOINT, FieldQuestion, TablePage
from bot.domain.access.permissions import Permission
from bot.domain.events import Target
from bot.domain.ownership import item_of

QUESTIONS = (ItemQuestion, FieldQuestion, TablePage, RowPage, ItemEvidence, NotApplicableReason, RedactedItem)
OFFERED = 20  # items that a list or a file may name before its sections are offered instead
WROTE = 600  # characters of what waits that are shown
LABEL = 60  # characters of the name of a place on a button

WHY = {
    "unknown": "You replied to a message that I do not know any more.",
    "list": "You replied to a message that is not about one item. Which item do you mean?",
    "edited": "The message that you replied to had changed a moment before. Which question do you mean?",
    "row": "What you replied to has changed since. Which field do you mean?",
    "rest": "This came soon after a long message. Is it the rest of that one?",
    "moved": "You wrote this before this chat showed where you are now.",
    "forwarded": "These are the words of somebody else. What are they here?",
}


def restored_or_home(place: str) -> Place:
    """The place that was stored; home where it is no more."""
    with suppress(UnknownCallback):
        return restored(place)
    return Home()


def question_of(context: Context, place: Place) -> Place | None:
    """The question that is answered by what replies to a message of this place; None where it asks for no one item."""
    place = place.question
    match place:
        case Clarify() | ResolveConflict():
            there = back_to(context, AnswerSlot(place.item, place.row, place.field))
            return replace(there, seen=place.seen) if isinstance(there, ItemQuestion | FieldQuestion) else there
        case ContinueText():
            return back_to(context, AnswerSlot(place.item, place.row, place.field)).resolve(context)
        case PastedRows(item=item, row=row):
            return RowPage(item, row) if row else TablePage(item)
        case AnswerPart():
            return place
        case UnplacedMessage():
            return None  # where it went, nothing tells
        case _ if isinstance(place, QUESTIONS):
            return place
        case _:
            known = set(context.here.checklist.item if context.n is not None else ())
            items = known.intersection(filter(None, map(item_of, place.targets)))
            return at(context.item(items.pop())).resolve(context) if len(items) == 1 else None


def named_by(context: Context, place: Place) -> tuple[Place, ...]:
    """The items to which a message of this place leads, each once; none where they are too many to offer."""
    with suppress(LookupError, ValueError):  # what it showed cannot be shown any more
        links = (button.means for row in place.render(context).buttons for button in row)
        found = {
            question.item: at(context.item(question.item))
            for link in links
            if isinstance(link, Link) and (question := question_of(context, link.place)) is not None
            if isinstance(question, QUESTIONS)
        }
        return tuple(found.values()) if len(found) <= OFFERED else ()
    return ()


def called(context: Context, place: Place) -> str:
    """What the question of a place is called."""
    place = place.question
    item = context.here.checklist.item.get(getattr(place, "item", ""))
    if item is None:
        return "that message"
    field = item.field.get(getattr(place, "field", ""))
    return f"{item.label} · {field.label}" if field else item.label


@dataclass(frozen=True)
class ReplyElsewhere(Place):
    """A reply is heard ``there``, in the question of an older message; ``back`` is where the person stands all along.

    Both are as `bot.dialog.callback_data.stored` has them. People stand here only while something is asked back.
    """

    code = "rp"
    verb = Permission.COME
    draft = True
    there: str
    back: str

    @property
    def shows(self) -> Place:
        return restored_or_home(self.there)

    @property
    def question(self) -> Place:
        return self.shows.question

    @property
    def home(self) -> Place:
        """Where the person stands all along."""
        return restored_or_home(self.back)

    @property
    def targets(self) -> tuple[Target, ...]:
        return self.shows.targets

    @property
    def item(self) -> str:
        """The item that the reply is about."""
        return getattr(self.question, "item", "")

    def render(self, context: Context) -> Message:
        return self.shows.render(context)

    def handle(self, context: Context, said: Reply) -> Outcome:
        return self.shows.handle(context, said)

    def unrecorded(self) -> str:
        return "\n".join(filter(None, (self.shows.unrecorded(), self.home.unrecorded())))


@dataclass(frozen=True)
class UnplacedMessage(Place):
    """A message of which nobody can tell where it belongs: it waits, and a tap says where it goes.

    ``why`` is one of `WHY`. ``back`` is where the person stands, and ``options`` are the other places that can be meant
    (as they are stored). ``origin`` names whoever wrote what was forwarded.
    """

    code = "um"
    verb = Permission.COME
    draft = True
    text: str
    why: str
    back: str
    options: tuple[str, ...] = ()
    origin: str = ""
    key: str = ""  # tells this message from another that waits

    @property
    def targets(self) -> tuple[Target, ...]:
        """What the place is about where the person stands."""
        return self.home.targets

    def resolve(self, context: Context) -> UnplacedMessage:
        """The same, with a key of its own."""
        return replace(self, key=self.key or context.secret[:8])

    @property
    def home(self) -> Place:
        """Where the person stands."""
        return restored_or_home(self.back)

    @property
    def words(self) -> str:
        """What is recorded, with whose words they are."""
        return f"Forwarded from {self.origin}: {self.plain}" if self.origin else self.plain

    @property
    def plain(self) -> str:
        """What was said, in however many messages."""
        return self.text.replace(JOINT, "\n")

    @property
    def several(self) -> bool:
        """Whether it came in more than one message."""
        return JOINT in self.text

    def joined(self, text: str, number: int | None = None) -> UnplacedMessage:
        """The same with another message, at first below what waits, or as the one of this number."""
        parts = self.text.split(JOINT)
        parts.insert(len(parts) if number is None else number, text)
        return replace(self, text=JOINT.join(parts))

    def choices(self, context: Context) -> Iterator[tuple[str, Place]]:
        """The places that can be meant, with what their buttons say; what may not be seen is not offered."""
        for option in self.options:
            with suppress(LookupError, UnknownCallback):
                place = restored(option)
                if entry(context, place) is None:
                    yield _offers(context, place), place

    def render(self, context: Context) -> Message:
        rows: list[tuple[Button, ...]] = []
        rows += [(Button(label, Action("at", str(number))),) for number, (label, _) in enumerate(self.choices(context))]
        if not rows and self.why in {"list", "forwarded"}:
            rows += self._sections(context)
        here = () if self.why == "forwarded" else (Button("Here", Action("here")),)
        whose = f"Forwarded from {self.origin}" if self.origin else "You wrote"
        lines = [f"{WHY[self.why]} Nothing is recorded yet.", f"{whose}: {clip(self.plain, WROTE)}"]
        if here:
            lines.append(f"“Here” is: {self._here(context)}")
        last = (*here, Button("Discard", Action("discard")))
        return Message("Where does this belong?", "\n\n".join(lines), (*rows, last))

    def _here(self, context: Context) -> str:
        with suppress(LookupError):
            return self.home.render(context).title
        return Home().render(context).title

    @staticmethod
    def _sections(context: Context) -> Iterator[tuple[Button, ...]]:
        if context.n is not None and context.role is not None:
            for section in context.here.checklist.sections:
                yield (Button(section.title, Action("section", section.id)),)

    def handle(self, context: Context, said: Reply) -> Outcome:
        match said:
            case ButtonReply(act="section", arg=arg) if context.n and arg in context.here.checklist.section:
                items = items_shown(context, arg)
                found = (ItemEvidence(item.id) if self.origin else at(item) for item in items)
                return Outcome(replace(self, options=_stored(found)))
            case ButtonReply(act="discard"):
                return Outcome(self.home, aside=f"Discarded: {clip(self.plain, WROTE)}", settles=True)
            case TextReply(text=text):
                aside = "Please tap first where the message below belongs."
                return Outcome(self, aside=f"{aside} Not recorded: {clip(text, WROTE)}")
            case _:
                return Outcome(self, aside="Please tap where it belongs. Nothing was recorded.")

    def unrecorded(self) -> str:
        return "\n".join(filter(None, (self.words, self.home.unrecorded())))


def added(waiting: UnplacedMessage, more: UnplacedMessage) -> UnplacedMessage | None:
    """A message that waits with another of its kind; None where the two have nothing to do with each other."""
    if (waiting.why, waiting.options, waiting.origin) != (more.why, more.options, more.origin):
        return None
    return waiting.joined(more.text)


def unplaced(text: str, why: str, back: Place, options: Iterable[Place] = (), origin: str = "") -> UnplacedMessage:
    """Let a message wait for a tap that says where it belongs."""
    return UnplacedMessage(text, why, stored(back), _stored(options), origin)


def forwarded(context: Context, text: str, origin: str, back: Place) -> UnplacedMessage:
    """Words of somebody else: to be put behind an answer, or taken as one where a question is asked."""
    question = question_of(context, back)
    options = [question] if isinstance(question, ItemQuestion | FieldQuestion) else []
    item = getattr(question, "item", "")
    return unplaced(text, "forwarded", back, [*([ItemEvidence(item)] if item else []), *options], origin)


def _offers(context: Context, place: Place) -> str:
    label = clip(called(context, place), LABEL)
    if isinstance(place, AnswerPart | PastedRows):
        return f"Add to “{label}”"
    return f"Evidence of “{label}”" if isinstance(place, ItemEvidence) else label


def _stored(places: Iterable[Place]) -> tuple[str, ...]:
    return tuple(stored(place) for place in places)
