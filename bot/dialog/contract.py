"""What a conversation is made of: a place says one message and hears one reply.

Places know no Telegram, no database and no clock. Whatever they may look at is in the
`Context`; whatever they want done is in the `Outcome` they return.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import ClassVar

from bot.domain.access.need_to_know import hidden_from, seen_by
from bot.domain.access.permissions import Actor, Denial, Permission, Resource, authorise
from bot.domain.access.redaction import veiled
from bot.domain.checklist import Checklist, Item, ItemId
from bot.domain.events import AnyEvent, PersonId, Role, Target
from bot.domain.negotiation import Happened, Negotiation
from bot.domain.reminders import NotificationPreferences

UNEXPECTED = "Please use one of the buttons below. Nothing was recorded."
OUTSIDE = frozenset({Permission.COME, Permission.OPEN, Permission.WAIT})  # what needs no negotiation
BOT_LINK = "t.me/"  # in the link that begins a chat with the bot, where there is one


@dataclass(frozen=True, slots=True)
class Link:
    """A button that leads to another place and changes nothing."""

    place: Place


@dataclass(frozen=True, slots=True)
class Action:
    """A button whose meaning the place that offers it knows: an act, perhaps with an argument."""

    act: str
    arg: str = ""


@dataclass(frozen=True, slots=True)
class WebLink:
    """A button that opens a page of our own, which tells Telegram nothing: ``item/goals`` for an item."""

    path: str


@dataclass(frozen=True, slots=True)
class Button:
    """What can be tapped."""

    label: str
    means: Link | Action | WebLink


@dataclass(frozen=True, slots=True)
class Message:
    """One message: a title, plain text below it, and rows of buttons. No markup: text is data."""

    title: str
    text: str
    buttons: tuple[tuple[Button, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class TextReply:
    """Text that a person typed."""

    text: str


@dataclass(frozen=True, slots=True)
class ButtonReply:
    """An `Action` button that a person tapped."""

    act: str
    arg: str = ""


@dataclass(frozen=True, slots=True)
class FileReply:
    """A file that a person sent; its bytes are kept under ``id`` in the same transaction.

    Where an edited export may come back, ``changes`` are those in it (JSON of
    `bot.domain.proposed_changes.CHANGES`, empty for none). Where rows are taken, ``rows`` are those of a spreadsheet,
    as they would be pasted. ``note`` is what is to be said of it, and ``trouble`` why it cannot be read.
    """

    id: str
    name: str
    size: int
    caption: str = ""
    changes: str = ""
    rows: str = ""
    note: str = ""
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class UnsupportedReply:
    """Something a person sent that the bot cannot take: a sticker, a voice message, a file too large."""

    what: str


@dataclass(frozen=True, slots=True)
class Command:
    """A command, such as ``/summary``, without its slash; ``arg`` is what follows it."""

    name: str
    arg: str = ""


Reply = TextReply | ButtonReply | FileReply | UnsupportedReply | Command


@dataclass(frozen=True, slots=True)
class DocumentRequest:
    """A document to bring: a form of `bot.domain.export_formats`, or ``evidence`` with the file's id in ``arg``.

    A form's ``arg`` is ``partner`` for the partner version. Or a picture: ``card``, ``trend``.
    """

    form: str
    arg: str = ""


@dataclass(frozen=True, slots=True)
class GroupCardRequest:
    """A wish about a group's card: to show the talks of this number there, or with None to take it away."""

    group: str
    talks: int | None


@dataclass(frozen=True, slots=True)
class CardedGroup:
    """A group that shows a card, or waits for one."""

    group: str
    title: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What hearing a reply comes to.

    ``aside`` goes above the next message; ``kept`` is what the answered message says from
    then on. ``talks`` switches to another negotiation (its number). ``prefs`` is how the
    person wants to be reminded from now on. ``erase``: the message that was heard must not stay
    in the chat. ``settles``: nothing that was said at the place before waits there any more.
    """

    place: Place
    events: tuple[AnyEvent, ...] = ()
    aside: str = ""
    kept: str = ""
    paper: DocumentRequest | None = None
    talks: int | None = None
    prefs: NotificationPreferences | None = None
    card: GroupCardRequest | None = None
    erase: bool = False
    settles: bool = False


@dataclass(frozen=True, slots=True)
class NegotiationLine:
    """One of the negotiations a person belongs to, as a line in a list."""

    number: int
    counterpart: str
    subject: str
    role: Role


@dataclass(frozen=True, slots=True)
class LapsedInvitation:
    """An invitation that ran out before anybody used it; ``hash`` is that of its secret."""

    hash: str
    role: Role
    until: datetime


@dataclass(frozen=True, slots=True)
class LastSeen:
    """How far a person has seen a negotiation: its last event then, and when."""

    seq: int
    at: datetime


def _never() -> LastSeen | None:
    return None


def _nothing(since: int) -> Sequence[Happened]:  # noqa: ARG001 (a line without events)
    return ()


def _no_groups() -> tuple[CardedGroup, ...]:
    return ()


@dataclass(frozen=True)
class Context:
    """All that a place may look at.

    ``secret`` is fresh for every turn, for the invitation it may make; ``link`` starts
    a chat with the bot and takes such a secret at its end, ``page`` a conversation in the browser.
    What few places ask for is looked up when they do: every negotiation of this person, whole, by
    its number; how they want to be reminded; the groups with these talks' card; what was recorded
    after an event (``line``); this person's last look at what changed (``looked``); how many
    invitations are open (``invited``), and the last that ran out (``lapsed``).

    Where others run the servers that carry this chat, it is ``veiled``: what leads keep out of such chats is
    not in it. ``pages``: from here, pages of our own can be opened.
    """

    me: PersonId
    name: str
    now: datetime
    n: Negotiation | None = None
    may_open: bool = False
    talks: tuple[NegotiationLine, ...] = ()
    checklists: Mapping[str, Checklist] = field(default_factory=dict)
    secret: str = ""
    link: str = ""
    page: str = ""
    overview: Callable[[], Mapping[int, Negotiation]] = dict
    prefs: Callable[[], NotificationPreferences] = NotificationPreferences
    cards: Callable[[], tuple[CardedGroup, ...]] = _no_groups
    waiting: Callable[[str], CardedGroup | None] = lambda _: None  # a group that this person wants a card in
    line: Callable[[int], Sequence[Happened]] = _nothing
    looked: Callable[[], LastSeen | None] = _never
    invited: Callable[[], int] = int
    lapsed: Callable[[], tuple[LapsedInvitation, ...]] = tuple
    veiled: bool = False
    pages: bool = False

    @property
    def on_telegram(self) -> bool:
        """Whether this installation has a bot on Telegram, whichever face this is."""
        return self.veiled or BOT_LINK in self.link

    @property
    def today(self) -> date:
        """The day on which gaps are judged."""
        return self.now.date()

    @cached_property
    def here(self) -> Negotiation:
        """The negotiation this conversation is about, as this person may see it, and as this chat may carry it.

        The front door keeps out who has none. Events go on ``n``, which is whole.
        """
        if self.n is None:
            msg = "this place needs a negotiation"
            raise LookupError(msg)
        return self.seen(self.n)

    def seen(self, n: Negotiation) -> Negotiation:
        """A negotiation as this person may see it, and as this chat may carry it."""
        theirs = seen_by(n, self.me)
        return veiled(theirs) if self.veiled else theirs

    @cached_property
    def own_day(self) -> date:
        """The day it is where the person is: from there "today", "Friday" and "in 3 weeks" are typed."""
        return self.prefs().local(self.now).date()

    def item(self, item: ItemId) -> Item:
        """An item of the negotiation's checklist."""
        return self.here.checklist.item[item]

    @property
    def role(self) -> Role | None:
        """The person's role in this negotiation, None for nobody."""
        return self.n.role(self.me) if self.n else None

    @cached_property
    def who(self) -> Actor:
        """The person, as `authorise` asks for them."""
        return Actor(self.me, belongs=bool(self.talks or self.may_open or self.role), opens=self.may_open)

    def may(self, verb: Permission) -> bool:
        """Whether the person may do this here, where nothing is kept from them."""
        return self.denied(verb) is None

    def denied(self, verb: Permission) -> Denial | None:
        """Why the person may not do this here, where nothing is kept from them. Kept: every button asks."""
        if verb not in self._denied:
            self._denied[verb] = authorise(self.who, verb, Resource(self.n))
        return self._denied[verb]

    @cached_property
    def _denied(self) -> dict[Permission, Denial | None]:
        return {}

    @cached_property
    def kept(self) -> bool:
        """Whether a section is kept from the person."""
        return self.n is not None and bool(hidden_from(self.n, self.me))

    @property
    def leads(self) -> bool:
        """Whether the person leads this delegation."""
        return self.may(Permission.ORDER)

    @property
    def answers(self) -> bool:
        """Whether the person may answer here: observers only read, and so does everybody in talks put away."""
        return self.may(Permission.ANSWER)

    @property
    def leads_by(self) -> str:
        """Who leads: their names, for refusals that say whom to ask."""
        return ", ".join(member.name for member in self.here.here if member.role == Role.LEAD) or "the lead"

    @property
    def only_leads(self) -> str:
        """How a refusal begins that names who can do it: "Only Maya, the lead,"."""
        return f"Only {self.leads_by}, the lead{'s' if len(self.here.leads) > 1 else ''},"


class Place(ABC):
    """Where a person stands in the chat. Subclasses are frozen dataclasses of strings and numbers.

    ``code`` names the place in buttons and in the database, for good: never reuse one. ``verb`` is what
    somebody must be allowed to stand there, and ``targets`` what it is about; every place declares its own. A
    ``draft`` holds what somebody is about to say, and its buttons are heard only while the chat stands there.
    ``brings`` comes when a person arrives, not when the place is shown again. Who comes to a place that
    ``shows_news`` has looked at what changed.
    """

    code: ClassVar[str]
    verb: ClassVar[Permission]
    draft: ClassVar[bool] = False
    brings: ClassVar[DocumentRequest | None] = None
    shows_news: ClassVar[bool] = False

    @property
    def shows(self) -> Place:
        """The place that a message shows which stands here: this one, unless it stands around another."""
        return self

    @property
    def question(self) -> Place:
        """The place that is answered by what replies to the message of this one: itself, unless it asks for another."""
        return self

    @property
    def outside(self) -> bool:
        """Whether this place needs no negotiation."""
        return self.verb in OUTSIDE

    @property
    @abstractmethod
    def targets(self) -> tuple[Target, ...]:
        """The sections, items, gaps or unknowns that this place is about: who may not see one does not stand here."""

    @abstractmethod
    def render(self, context: Context) -> Message:
        """The message of this place."""

    def handle(self, context: Context, said: Reply) -> Outcome:  # noqa: ARG002 (places override it)
        """What a reply comes to. By default nothing is expected here but taps on the buttons."""
        return Outcome(self, aside=UNEXPECTED)

    def recorded(self, context: Context) -> tuple[str, str]:  # noqa: ARG002 (places override it)
        """What a person who goes on here recorded last, in words, and what Undo takes back then; empty for nothing."""
        return "", ""

    def unrecorded(self) -> str:
        """What a person said here that is not recorded yet, in their words; empty for nothing."""
        return ""

    def missing(self, context: Context) -> str:  # noqa: ARG002 (places override it)
        """Why a person who is sent here comes to stand elsewhere: what this is about is gone; empty while it is not."""
        return ""

    def resolve(self, context: Context) -> Place:  # noqa: ARG002 (places override it)
        """The place where a person who is sent here comes to stand, given what is recorded now."""
        return self
