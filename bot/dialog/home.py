"""Home and the ways through the checklist: sections, help, privacy, other talks."""

from __future__ import annotations

from dataclasses import dataclass

from bot.core.checklist import Item
from bot.core.negotiation import Negotiation
from bot.core.readiness import State, gaps, readiness
from bot.dialog.place import Button, Do, Go, Place, Room, Said, Say, Tapped, Turn
from bot.dialog.spot import clip, items_shown, mark, when

STATE = {State.NOT_READY: "⛔ NOT READY", State.CONDITIONAL: "▲ CONDITIONAL", State.READY: "✓ READY"}
LEGEND = (
    "✓ settled · ⛔ blocker · ▲ major · △ minor · ○ blank · ◐ first pass only · ? unknown · – not applicable · 🔒 waits"
)
HELP = """\
I walk a delegation through what must be settled before talks begin.

/continue – the next thing that matters most for you
/sections – the checklist, section by section
/summary – may we go, and what is missing
/gaps – everything open, worst first
/team – who is in the delegation
/take – take the checklist away as a file
/talks – your other negotiations
/privacy – who can see what you type here
/help – this page

Answer by tapping or typing. Whole rows can be typed in one message, a line a field, or pasted from a spreadsheet. \
Edit a message to correct the answer it gave. “Undo” takes the last answer back. \
If you do not know, say Unknown: it becomes work for somebody, and is never the same as a blank."""
PRIVACY = """\
Chats with a bot are not end-to-end encrypted. What you type, tap and send here, and what I show you, passes \
through Telegram’s servers, and Telegram can read it; so can anybody who holds your unlocked phone. Telegram keeps \
the messages until they are deleted.

This bot stores your answers, your files, your name and your Telegram number in your office’s own database. Whoever \
runs that server can read it. It sends them to nobody but the members of your delegation, in their chats with me. \
What you correct or take back stays in the history. In groups I say nothing of content.

If something must not be seen by Telegram, do not type it here: give the document’s reference as evidence instead."""


def state_line(n: Negotiation, room: Room) -> str:
    """State and days left, in one line."""
    ready = readiness(n, room.today)
    return f"{STATE[ready.state]} · {days(ready.days_left)}"


def days(left: int) -> str:
    """Days to the talks, in words."""
    if left == 0:
        return "talks are today"
    return (
        f"{left} day{'s' if left != 1 else ''} left"
        if left > 0
        else f"talks were {-left} day{'s' if left != -1 else ''} ago"
    )


def what_next(room: Room) -> Item | None:
    """The item that matters most for this person: their own first, then nobody's, worst gaps first."""
    n = room.here
    found = gaps(n, room.today)
    for owners in ({room.me}, {None}):
        for gap in found:
            if gap.owner in owners and not gap.waiver and mark(room, room.item(gap.item)) != "🔒":
                return room.item(gap.item)
    return next((room.item(gap.item) for gap in found if not gap.waiver), None)


@dataclass(frozen=True)
class Home(Place):
    """Where a conversation begins."""

    code = "H"
    outside = True

    def says(self, room: Room) -> Say:
        from bot.dialog.leading import Summary
        from bot.dialog.opening import Opening
        from bot.dialog.takeaway import TakeAway
        from bot.dialog.team import Team

        opening = ((Button("Open a negotiation", Go(Opening())),),) if room.may_open else ()
        if room.n is None:
            text = "You belong to no negotiation." + (
                " Open one to begin." if room.may_open else " Ask your lead for an invitation."
            )
            return Say(f"Welcome, {room.name}", text, (*opening, (Button("Help", Go(Help())),)))
        n = room.n
        text = f"{n.subject}\nTalks on {when(n.talks_on)}\n\n{state_line(n, room)}"
        others = ((Button("Other talks", Go(OtherTalks())),),) if len(room.talks) > 1 else ()
        return Say(
            f"Talks with {n.counterpart}",
            text,
            (
                (Button("Continue", Go(Continue())),),
                (Button("Sections", Go(Sections())), Button("Summary", Go(Summary()))),
                (Button("Team", Go(Team())), Button("Take away", Go(TakeAway()))),
                *others,
                *opening,
                (Button("Help", Go(Help())), Button("Privacy", Go(Privacy()))),
            ),
        )


@dataclass(frozen=True)
class Continue(Place):
    """Not a place to stand at: the next thing that matters most."""

    code = "C"

    def arrived(self, room: Room) -> Place:
        """The item with the worst open gap that is this person's, or nobody's."""
        from bot.dialog.leading import Summary
        from bot.dialog.walk import at

        item = what_next(room)
        return at(item).arrived(room) if item else Summary()

    def says(self, room: Room) -> Say:
        return self.arrived(room).says(room)


@dataclass(frozen=True)
class Sections(Place):
    """The sections with their settled items."""

    code = "S"

    def says(self, room: Room) -> Say:
        ready = readiness(room.here, room.today)
        buttons = tuple(
            (Button(f"{one.section.title} · {one.settled} of {one.total}", Go(AtSection(one.section.id))),)
            for one in ready.sections
        )
        return Say("Sections", "Settled items of those that apply.", (*buttons, (Button("Home", Go(Home())),)))


@dataclass(frozen=True)
class AtSection(Place):
    """The items of a section, each with how it stands."""

    code = "s"
    section: str

    def says(self, room: Room) -> Say:
        from bot.dialog.firstpass import FirstPass
        from bot.dialog.walk import at

        section = room.here.checklist.section[self.section]
        items = [Button(f"{mark(room, item)} {item.label}", Go(at(item))) for item in items_shown(room, section.id)]
        rows = tuple(tuple(items[start : start + 2]) for start in range(0, len(items), 2))
        first = Button("First pass: one tap an item", Go(FirstPass(section.id)))
        last = (Button("Sections", Go(Sections())), Button("Home", Go(Home())))
        return Say(section.title, f"{room.here.words(section.about)}\n\n{LEGEND}", (*rows, (first,), last))


@dataclass(frozen=True)
class Help(Place):
    """What the bot does and how."""

    code = "?"
    outside = True

    def says(self, room: Room) -> Say:  # noqa: ARG002
        return Say("Help", HELP, ((Button("Privacy", Go(Privacy())), Button("Home", Go(Home()))),))


@dataclass(frozen=True)
class Privacy(Place):
    """Who can see what is typed here."""

    code = "!"
    outside = True

    def says(self, room: Room) -> Say:  # noqa: ARG002
        return Say("Privacy", PRIVACY, ((Button("Home", Go(Home())),),))


@dataclass(frozen=True)
class OtherTalks(Place):
    """The negotiations a person belongs to."""

    code = "O"
    outside = True

    def says(self, room: Room) -> Say:
        rows = tuple(
            (Button(clip(f"{one.counterpart}: {one.subject}", 50), Do("switch", str(one.number))),)
            for one in room.talks[:20]
        )
        text = "Choose the talks you want to work on." if rows else "You belong to no negotiation."
        return Say("Your negotiations", text, (*rows, (Button("Home", Go(Home())),)))

    def hears(self, room: Room, said: Said) -> Turn:
        mine = {str(one.number) for one in room.talks}
        if isinstance(said, Tapped) and said.act == "switch" and said.arg in mine:
            return Turn(Home(), talks=int(said.arg))
        return super().hears(room, said)
