"""What passes over the desk: updates in, what becomes of them, and what chats should show."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from bot.dialog.contract import Reply
from bot.domain.events import Joined, Left, Renamed, Restricted, RoleGiven, Shielded, TurnedAway
from bot.domain.export_formats import Progress
from bot.domain.negotiation import Happened, Negotiation
from bot.exports.reimport.reading_process import Unpacked


class Origin(Enum):
    """Where an update came from. Only people in their own chats are heard."""

    PRIVATE = "private"
    GROUP = "group"
    CHANNEL = "channel"
    BOT = "bot"


@dataclass(frozen=True, slots=True)
class IncomingUpdate:
    """One update, in our words. A tap has ``packed`` and no ``said``; what was said elsewhere stays there.

    ``sent`` is when, in seconds since 1970. A file is named by Telegram's ``file_id``, and is not fetched yet.
    """

    update_id: int
    telegram_id: int
    name: str
    said: Reply | None
    message_id: int | None = None
    packed: str = ""
    edited: bool = False
    file_id: str = ""
    sent: float | None = None
    handle: str = ""  # without "@"
    origin: Origin = Origin.PRIVATE
    chat: int = 0  # where it came from, if not from the person's own chat
    topic: int = 0  # of a forum there; 0 is General
    reply_to: int | None = None  # the message it replies to; 0 for one of another chat
    quote: str = ""  # the words of that message that were marked
    forwarded_from: str = ""  # whose words they are, where somebody else wrote them


@dataclass(frozen=True, slots=True)
class IncomingReply:
    """One reply from a face that knows its person itself. A tap has ``packed`` and no ``said``.

    ``once`` is its own number, below zero, where Telegram numbers no update: with the same number it is heard
    once. ``seen`` is the revision that was on the screen when it was given, and ``at`` names the place that was
    shown there: what was typed below one is not heard at another. ``rows`` are those of a ``file`` that may be an
    edited export, read by the face.
    """

    person: str
    said: Reply | None
    packed: str = ""
    once: int | None = None
    seen: int = 0
    file: bytes | None = None
    at: str = ""
    rows: Unpacked | None = None


@dataclass(frozen=True, slots=True)
class UpdateResult:
    """What became of an update. ``answer`` goes back at once; the chat itself is shown later.

    ``wakes`` are the other persons whose chats changed with it; ``showing`` is what the person's own
    chat should show, where that is known already. ``erase``: the message that was heard must not stay.
    """

    person: str | None
    known: bool
    repeated: bool = False
    answer: str = ""
    wakes: tuple[str, ...] = ()
    showing: OutgoingMessage | None = None
    erase: int | None = None
    awaits: bool = False


@dataclass(frozen=True, slots=True)
class Receipt:
    """A chat shows its place of this revision, in this message."""

    person: str
    rev: int
    message_id: int | None
    place: str = ""  # what it shows there, as `bot.dialog.callback_data.stored` has it; empty when that is not kept
    negotiation: int | None = None
    at: int = 0  # when it was sent or edited, in seconds since 1970 by Telegram's clock
    files: tuple[int, ...] = ()  # the messages of files that were brought with it
    takes_away: tuple[int, int] | None = None  # the chat and message that it showed before, where that may not stay


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file on its way into a chat; a picture's caption says in words what it shows. ``kept`` ones may be saved."""

    name: str
    caption: str
    body: bytes
    picture: bool = False
    kept: bool = False


@dataclass(frozen=True, slots=True)
class UploadJob:
    """A file that is still to be made: it takes time, and nobody else is to wait for it.

    ``asked`` is the revision of the chat that asked for it, and tells it from what was brought before;
    ``called`` is its name inside a sentence. ``make`` gives the file, and what is to be
    said above the place where there is none.
    """

    asked: int
    called: str
    picture: bool
    make: Callable[[Progress], tuple[Attachment | None, str]]


@dataclass(frozen=True, slots=True)
class ChatView:
    """What a person's chat says now, for faces that keep no message of their own.

    ``settled`` is what the message before says since it was answered; empty when nothing was recorded.
    ``at`` names the place that speaks.
    """

    person: str
    name: str
    talks: str
    rev: int
    title: str
    text: str
    buttons: tuple[tuple[tuple[str, str], ...], ...]
    settled: str = ""
    at: str = ""


@dataclass(frozen=True, slots=True)
class OutgoingMessage:
    """What a chat should show now, below the files it is to be brought.

    ``perhaps`` are the numbers of messages one of which may show it already.
    """

    person: str
    telegram_id: int
    rev: int
    message_id: int | None
    fresh: bool
    title: str
    text: str
    buttons: tuple[tuple[tuple[str, str], ...], ...]
    settle: str
    papers: tuple[UploadJob, ...] = ()
    perhaps: tuple[int, ...] = ()
    place: str = ""  # what it shows, without words that somebody typed
    negotiation: int | None = None


def chats_to_wake(n: Negotiation, happened: tuple[Happened, ...]) -> tuple[str, ...]:
    """Whose chats changed, besides that of the person who spoke."""
    moved = (Joined, Left, Renamed, RoleGiven, TurnedAway)
    woken = dict.fromkeys(
        change.event.person
        for change in happened
        if isinstance(change.event, moved) and change.event.person != change.by
    )
    if any(isinstance(change.event, Restricted | Shielded) for change in happened):
        woken |= dict.fromkeys(person.id for person in n.here)
    return tuple(woken)
