"""Home and the ways through the checklist: sections, help, privacy, other talks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from bot.dialog.answer_slot import items_shown, mark, when
from bot.dialog.contract import Button, Do, Go, Place, Room, Said, Say, Tapped, Turn
from bot.dialog.refusals import AWAY
from bot.domain.access.need_to_know import may_see
from bot.domain.access.permissions import Verb
from bot.domain.checklist import Item, SectionId
from bot.domain.events import Archived
from bot.domain.negotiation import Negotiation
from bot.domain.ownership import of_section
from bot.domain.readiness.readiness import Readiness, State, gaps, readiness

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
/gates – what must be closed by when
/mine – your own work
/unknowns – what is not known, and who asks or finds out
/changed – what changed since you last looked
/sign – the sign-off: who has signed, and what exactly
/team – who is in the delegation
/take – take the checklist away as a file
/find – items, rows, answers and evidence that hold some words
/talks – your negotiations, and how each stands
/reminders – when and how I remind you
/card – a card with the state, for the delegation’s group
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
runs that server and holds its key can read it. It sends them to nobody but the members of your delegation, in their \
chats with me, and a section that a lead keeps for some only to those. What you correct or take back stays in the \
history. In groups I say nothing of content.

Leads say below what a chat may carry of the talks, a section or an item. Names and references only: it has \
names, states, days, owners and document references, and no answer. Sealed: it is not even asked there; a button \
opens our own page, and what is typed on it goes to your office’s server alone. What is sent here by mistake all \
the same is not recorded, and I delete it; Telegram has had it by then. What was in the chat before stays with \
Telegram until it is deleted. My messages cannot be forwarded or saved from here; files you take away can. An \
answered message of mine keeps no answer, and one that led to nothing is deleted.

If something must not be seen by Telegram, do not type it here: let a lead seal it first, or give the document’s \
reference as evidence instead."""


def verdict(n: Negotiation, ready: Readiness) -> str:
    """The state, saying so where it covers only what somebody sees."""
    if not n.checklist.sections:
        return "You see no section of these talks"
    return f"Of the sections you see: {STATE[ready.state]}" if n.hidden else STATE[ready.state]


def state_line(n: Negotiation, today: date) -> str:
    """State and days left, in one line."""
    ready = readiness(n, today)
    return f"{verdict(n, ready)} · {days(ready.days_left)}"


def days(left: int) -> str:
    """Days to the talks, in words."""
    if left == 0:
        return "talks are today"
    return (
        f"{left} day{'s' if left != 1 else ''} left"
        if left > 0
        else f"talks were {-left} day{'s' if left != -1 else ''} ago"
    )


def kept_mark(n: Negotiation, section: SectionId) -> str:
    """A mark before what is kept for some people."""
    return "🔑 " if section in n.restricted else ""


def kept_for(n: Negotiation, section: SectionId) -> str:
    """For whom a section is kept, in words; empty when everybody sees it."""
    if section not in n.restricted:
        return ""
    return f"🔑 only {n.names(one.id for one in n.here if may_see(n.judged, one.id, of_section(section)))}"


def what_next(room: Room) -> Item | None:
    """The item that matters most for this person: their own first, then nobody's, worst gaps first."""
    n = room.here
    found = gaps(n, room.today)
    unlocked = [gap for gap in found if not gap.waiver and mark(room, room.item(gap.item)) != "🔒"]
    mine = (gap for gap in unlocked if room.me in gap.owners)
    nobodys = (gap for gap in unlocked if not gap.owners)
    anybodys = (gap for gap in found if not gap.waiver)
    worst = next(mine, None) or next(nobodys, None) or next(anybodys, None)
    return room.item(worst.item) if worst else None


@dataclass(frozen=True)
class Home(Place):
    """Where a conversation begins."""

    code = "H"
    verb = Verb.COME

    def says(self, room: Room) -> Say:
        from bot.dialog.screens.export import TakeAway
        from bot.dialog.screens.my_work import Mine
        from bot.dialog.screens.negotiations import OtherTalks
        from bot.dialog.screens.opening import Opening
        from bot.dialog.screens.summary import Summary
        from bot.dialog.screens.team import Team

        opening = ((Button("Open a negotiation", Go(Opening())),),) if room.may_open else ()
        if room.n is None:
            text = "You belong to no negotiation." + (
                " Open one to begin." if room.may_open else " Ask your lead for an invitation."
            )
            if room.talks:
                opening = ((Button("Your negotiations", Go(OtherTalks())),), *opening)
                text = "Choose the talks you want to work on."
            return Say(f"Welcome, {room.name}", text, (*opening, (Button("Help", Go(Help())),)))
        n = room.here
        text = f"{n.subject}\nTalks on {when(n.talks_on)}\n\n{AWAY if n.archived else state_line(n, room.today)}"
        others = ((Button("Other talks", Go(OtherTalks())),),) if len(room.talks) > 1 else ()
        again = ((Button("Take up again", Do("again")),),) if n.archived and room.leads else ()
        return Say(
            f"Talks with {n.counterpart}",
            text,
            (
                (Button("Continue", Go(Continue())), Button("Mine", Go(Mine()))),
                (Button("Sections", Go(Sections())), Button("Summary", Go(Summary()))),
                (Button("Team", Go(Team())), Button("Take away", Go(TakeAway()))),
                *again,
                *others,
                *opening,
                (Button("Help", Go(Help())), Button("Privacy", Go(Privacy()))),
            ),
        )

    def hears(self, room: Room, said: Said) -> Turn:
        if isinstance(said, Tapped) and said.act == "again" and room.n is not None and room.n.archived:
            return Turn(self, (Archived(archived=False),), kept="These talks are taken up again.")
        return super().hears(room, said)


@dataclass(frozen=True)
class Continue(Place):
    """Not a place to stand at: the next thing that matters most."""

    code = "C"
    verb = Verb.LOOK

    def arrived(self, room: Room) -> Place:
        """The item with the worst open gap that is this person's, or nobody's."""
        from bot.dialog.screens.item import at
        from bot.dialog.screens.summary import Summary

        item = what_next(room)
        return at(item).arrived(room) if item else Summary()

    def says(self, room: Room) -> Say:
        return self.arrived(room).says(room)


@dataclass(frozen=True)
class Sections(Place):
    """The sections with their settled items."""

    code = "S"
    verb = Verb.LOOK

    def says(self, room: Room) -> Say:
        ready = readiness(room.here, room.today)
        buttons = tuple(
            (
                Button(
                    f"{kept_mark(room.here, one.section.id)}{one.section.title} · {one.settled} of {one.total}",
                    Go(AtSection(one.section.id)),
                ),
            )
            for one in ready.sections
        )
        text = "Settled items of those that apply." if buttons else "You see no section of these talks."
        return Say("Sections", text, (*buttons, (Button("Home", Go(Home())),)))


@dataclass(frozen=True)
class AtSection(Place):
    """The items of a section, each with how it stands."""

    code = "s"
    verb = Verb.LOOK
    section: str

    def says(self, room: Room) -> Say:
        from bot.dialog.screens.first_pass import FirstPass
        from bot.dialog.screens.item import at
        from bot.dialog.screens.ownership import Giving, owned
        from bot.dialog.screens.section_visibility import Seeing

        section = room.here.checklist.section[self.section]
        about = room.here.words(section.about)
        items = [Button(f"{mark(room, item)} {item.label}", Go(at(item))) for item in items_shown(room, section.id)]
        rows = tuple(tuple(items[start : start + 2]) for start in range(0, len(items), 2))
        first = Button("First pass: one tap an item", Go(FirstPass(section.id)))
        target = of_section(section.id)
        owner = (Button(f"Owner: {owned(room.here, target)}", Go(Giving(target))),)
        seeing = ((Button("Who sees this section", Go(Seeing(section.id))),),) if room.leads else ()
        last = (Button("Sections", Go(Sections())), Button("Home", Go(Home())))
        text = "\n\n".join(part for part in (kept_for(room.here, section.id), about, LEGEND) if part)
        return Say(section.title, text, (*rows, (first,), owner, *seeing, last))


@dataclass(frozen=True)
class Help(Place):
    """What the bot does and how."""

    code = "?"
    verb = Verb.COME

    def says(self, room: Room) -> Say:  # noqa: ARG002 (the same for everybody)
        from bot.dialog.screens.reminder_settings import Reminders

        reminders, privacy = Button("Reminders", Go(Reminders())), Button("Privacy", Go(Privacy()))
        return Say("Help", HELP, ((reminders, privacy), (Button("Home", Go(Home())),)))


@dataclass(frozen=True)
class Privacy(Place):
    """Who can see what is typed here."""

    code = "!"
    verb = Verb.COME

    def says(self, room: Room) -> Say:
        from bot.dialog.screens.chat_redaction import Shields
        from bot.dialog.screens.passphrases import OwnPhrases

        rows: tuple[tuple[Button, ...], ...] = ()
        if room.role is not None:
            rows = ((Button("What the chat carries", Go(Shields())),), (Button("Passphrases", Go(OwnPhrases())),))
        return Say("Privacy", PRIVACY, (*rows, (Button("Home", Go(Home())),)))
