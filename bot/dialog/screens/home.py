"""Home and the ways through the checklist: sections, help, privacy, other talks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from bot.dialog.answer_slot import items_shown, mark, when
from bot.dialog.contract import Action, Button, ButtonReply, Context, Link, Message, Outcome, Place, Reply
from bot.dialog.refusals import AWAY
from bot.domain.access.need_to_know import may_see
from bot.domain.access.permissions import Permission
from bot.domain.checklist import Item, SectionId
from bot.domain.events import Archived, Target
from bot.domain.events.base import of_section
from bot.domain.negotiation import Negotiation
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
{card}/privacy – who can see what you type here
/help – this page

Answer by tapping or typing. Whole rows can be typed in one message, a line a field, or pasted from a spreadsheet. \
{edits}“Undo” takes the last answer back. \
If you do not know, say Unknown: it becomes work for somebody, and is never the same as a blank."""
CARD_HELP = "/card – a card with the state, for the delegation’s group\n"
EDITS_HELP = "Edit a message to correct the answer it gave, or reply to it; reply to an older question to answer it. "
PRIVACY_IN_CHAT = """\
Chats with a bot are not end-to-end encrypted. What you type, tap and send here, and what I show you, passes \
through Telegram’s servers, and Telegram can read it; so can anybody who holds your unlocked phone. Telegram keeps \
the messages until they are deleted.

This bot stores your answers, your files, your name and your Telegram number in your office’s own database. Whoever \
runs that server and holds its key can read it. It sends them to nobody but the members of your delegation, in their \
chats with me, and a section that a lead keeps for some only to those. What you correct or take back stays in the \
history. For 14 days it keeps, sealed, what each message here asked or answered, so that a reply to it finds its \
place. In groups I say nothing of content.

Leads say below what a chat may carry of the talks, a section or an item. Names and references only: it has \
names, states, days, owners and document references, and no answer. Sealed: it is not even asked there; a button \
opens our own page, and what is typed on it goes to your office’s server alone. What is sent here by mistake all \
the same is not recorded, and I delete it; Telegram has had it by then. What was in the chat before stays with \
Telegram until it is deleted. My messages cannot be forwarded or saved from here; files you take away can. An \
answered message of mine keeps no answer, and one that led to nothing is deleted.

If something must not be seen by Telegram, do not type it here: let a lead seal it first, or give the document’s \
reference as evidence instead."""
PRIVACY_HERE = """\
What you type and tap here goes to your office’s own server, and from there to nobody but the members of your \
delegation; a section that a lead keeps for some, only to those. Whoever runs that server and holds its key can read \
it; so can anybody who holds your unlocked computer or phone.

The server stores your answers, your files and your name in a database of its own. What you correct or take back \
stays in the history. A file that you take away is yours to guard."""
PRIVACY_ELSEWHERE = """\
Who reads these talks in a chat with me reads them on Telegram, whose servers carry those chats and can read them. \
Leads say below what such a chat may carry of the talks, a section or an item."""


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
    return f"🔑 only {n.names(member.id for member in n.here if may_see(n.judged, member.id, of_section(section)))}"


def what_next(context: Context) -> Item | None:
    """The item that matters most for this person: their own first, then nobody's, worst gaps first."""
    n = context.here
    found = gaps(n, context.today)
    unlocked = [gap for gap in found if not gap.waiver and mark(context, context.item(gap.item)) != "🔒"]
    mine = (gap for gap in unlocked if context.me in gap.owners)
    nobodys = (gap for gap in unlocked if not gap.owners)
    anybodys = (gap for gap in found if not gap.waiver)
    worst = next(mine, None) or next(nobodys, None) or next(anybodys, None)
    return context.item(worst.item) if worst else None


@dataclass(frozen=True)
class Home(Place):
    """Where a conversation begins."""

    code = "H"
    verb = Permission.COME
    targets = ()

    def render(self, context: Context) -> Message:
        from bot.dialog.screens.export import ExportPage
        from bot.dialog.screens.my_work import MyWork
        from bot.dialog.screens.negotiations import Negotiations
        from bot.dialog.screens.opening import Opening
        from bot.dialog.screens.summary import Summary
        from bot.dialog.screens.team import Team

        opening = ((Button("Open a negotiation", Link(Opening())),),) if context.may_open else ()
        if context.n is None:
            text = "You belong to no negotiation." + (
                " Open one to begin." if context.may_open else " Ask your lead for an invitation."
            )
            if context.talks:
                opening = ((Button("Your negotiations", Link(Negotiations())),), *opening)
                text = "Choose the talks you want to work on."
            return Message(f"Welcome, {context.name}", text, (*opening, (Button("Help", Link(Help())),)))
        n = context.here
        text = f"{n.subject}\nTalks on {when(n.talks_on)}\n\n{AWAY if n.archived else state_line(n, context.today)}"
        others = ((Button("Other talks", Link(Negotiations())),),) if len(context.talks) > 1 else ()
        again = ((Button("Take up again", Action("again")),),) if n.archived and context.leads else ()
        return Message(
            f"Talks with {n.counterpart}",
            text,
            (
                (Button("Continue", Link(NextForMe())), Button("Mine", Link(MyWork()))),
                (Button("Sections", Link(Sections())), Button("Summary", Link(Summary()))),
                (Button("Team", Link(Team())), Button("Take away", Link(ExportPage()))),
                *again,
                *others,
                *opening,
                (Button("Help", Link(Help())), Button("Privacy", Link(Privacy()))),
            ),
        )

    def handle(self, context: Context, said: Reply) -> Outcome:
        if isinstance(said, ButtonReply) and said.act == "again" and context.n is not None and context.n.archived:
            return Outcome(self, (Archived(archived=False),), kept="These talks are taken up again.")
        return super().handle(context, said)


@dataclass(frozen=True)
class NextForMe(Place):
    """Not a place to stand at: the next thing that matters most."""

    code = "C"
    verb = Permission.LOOK
    targets = ()

    def resolve(self, context: Context) -> Place:
        """The item with the worst open gap that is this person's, or nobody's."""
        from bot.dialog.screens.item import at
        from bot.dialog.screens.summary import Summary

        item = what_next(context)
        return at(item).resolve(context) if item else Summary()

    def render(self, context: Context) -> Message:
        return self.resolve(context).render(context)


@dataclass(frozen=True)
class Sections(Place):
    """The sections with their settled items."""

    code = "S"
    verb = Permission.LOOK
    targets = ()

    def render(self, context: Context) -> Message:
        ready = readiness(context.here, context.today)
        buttons = tuple(
            (
                Button(
                    f"{kept_mark(context.here, section.section.id)}{section.section.title}"
                    f" · {section.settled} of {section.total}",
                    Link(SectionPage(section.section.id)),
                ),
            )
            for section in ready.sections
        )
        text = "Settled items of those that apply." if buttons else "You see no section of these talks."
        return Message("Sections", text, (*buttons, (Button("Home", Link(Home())),)))


@dataclass(frozen=True)
class SectionPage(Place):
    """The items of a section, each with how it stands."""

    code = "s"
    verb = Permission.LOOK
    section: str

    @property
    def targets(self) -> tuple[Target, ...]:
        return (of_section(self.section),)

    def render(self, context: Context) -> Message:
        from bot.dialog.screens.first_pass import FirstPass
        from bot.dialog.screens.item import at
        from bot.dialog.screens.ownership import AssignOwner, owned
        from bot.dialog.screens.section_visibility import SectionVisibility

        section = context.here.checklist.section[self.section]
        about = context.here.words(section.about)
        items = [
            Button(f"{mark(context, item)} {item.label}", Link(at(item))) for item in items_shown(context, section.id)
        ]
        rows = tuple(tuple(items[start : start + 2]) for start in range(0, len(items), 2))
        first = Button("First pass: one tap an item", Link(FirstPass(section.id)))
        target = of_section(section.id)
        owner = (Button(f"Owner: {owned(context.here, target)}", Link(AssignOwner(target))),)
        seeing = ((Button("Who sees this section", Link(SectionVisibility(section.id))),),) if context.leads else ()
        last = (Button("Sections", Link(Sections())), Button("Home", Link(Home())))
        text = "\n\n".join(part for part in (kept_for(context.here, section.id), about, LEGEND) if part)
        return Message(section.title, text, (*rows, (first,), owner, *seeing, last))


@dataclass(frozen=True)
class Help(Place):
    """What the bot does and how."""

    code = "?"
    verb = Permission.COME
    targets = ()

    def render(self, context: Context) -> Message:
        from bot.dialog.screens.reminder_settings import ReminderSettings

        reminders, privacy = Button("Reminders", Link(ReminderSettings())), Button("Privacy", Link(Privacy()))
        text = HELP.format(card=CARD_HELP * context.on_telegram, edits=EDITS_HELP * context.veiled)
        return Message("Help", text, ((reminders, privacy), (Button("Home", Link(Home())),)))


@dataclass(frozen=True)
class Privacy(Place):
    """Who can see what is typed here."""

    code = "!"
    verb = Permission.COME
    targets = ()

    def render(self, context: Context) -> Message:
        from bot.dialog.screens.chat_redaction import ChatRedaction
        from bot.dialog.screens.passphrases import PassphraseSettings

        rows: tuple[tuple[Button, ...], ...] = ()
        if context.role is not None:
            carries = ((Button("What the chat carries", Link(ChatRedaction())),),) if context.on_telegram else ()
            rows = (
                *carries,
                (Button("Passphrases", Link(PassphraseSettings())),),
            )
        return Message("Privacy", _privacy(context), (*rows, (Button("Home", Link(Home())),)))


def _privacy(context: Context) -> str:
    """Who reads what is typed on this face, and on the other where there is one."""
    if context.veiled:
        return PRIVACY_IN_CHAT
    return f"{PRIVACY_HERE}\n\n{PRIVACY_ELSEWHERE}" if context.on_telegram else PRIVACY_HERE
