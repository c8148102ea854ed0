"""Each person's own work, and for leads everybody's."""

from __future__ import annotations

from dataclasses import dataclass, replace

from bot.dialog.answer_slot import clip, when
from bot.dialog.contract import Action, Button, ButtonReply, Context, Link, Message, Outcome, Place, Reply
from bot.dialog.screens.home import Home
from bot.dialog.screens.summary import GapDetail, gap_args, line
from bot.dialog.screens.unknowns import UnknownDetail
from bot.dialog.stale_facts import still_holds
from bot.domain.access.permissions import Permission
from bot.domain.events import PersonId
from bot.domain.readiness.item_gaps import STALE, Gap
from bot.domain.readiness.unknowns import Unresolved, asked, late, work

PAGE = 6


@dataclass(frozen=True)
class MyWork(Place):
    """What a person has to settle: what is overdue first, then worst first. Leads may look at anybody's."""

    code = "Y"
    verb = Permission.LOOK
    targets = ()
    person: PersonId = ""
    page: int = 0

    def render(self, context: Context) -> Message:
        person = self.person or context.me
        if person != context.me and not context.leads:
            text = f"Only {context.leads_by}, the lead, can look at another person’s work."
            return Message("Work", text, ((Button("Mine", Link(MyWork())), Button("Home", Link(Home()))),))
        found = work(context.here, person, context.today)
        title = "Your work" if person == context.me else f"Work of {context.here.name(person)}"
        page = min(self.page, max(len(found) - 1, 0) // PAGE)  # the last of a page may have been settled
        first = page * PAGE
        shown = list(enumerate(found[first : first + PAGE], start=first + 1))
        turns = [Button("◀ Before", Link(replace(self, page=page - 1)))] if page else []
        turns += [Button("More ▶", Link(replace(self, page=page + 1)))] if len(found) > first + PAGE else []
        rows = [
            tuple(Button(str(number), Link(_place(charge))) for number, charge in shown),
            *(
                (Button(f"{number} still holds", Action("holds", charge.key)),)
                for number, charge in shown
                if isinstance(charge, Gap) and charge.rule == STALE
            ),
            tuple(turns),
        ]
        others = [Button("Other people", Link(Workload()))] if context.leads else []
        overdue = sum(late(charge, context.today) for charge in found)
        count = f" · {len(found)} open, {overdue} overdue" if overdue else f" · {len(found)} open" if found else ""
        text = "\n\n".join(f"{number}. {_line(context, charge)}" for number, charge in shown)
        return Message(
            f"{title}{count}",
            text or "No open work. Items and gaps are taken on with their “Owner” button.",
            (*(row for row in rows if row), (*others, Button("Home", Link(Home())))),
        )

    def handle(self, context: Context, said: Reply) -> Outcome:
        match said:
            case ButtonReply(act="holds", arg=key):
                return still_holds(context, key, self)
            case _:
                return super().handle(context, said)


def _place(charge: Gap | Unresolved) -> Place:
    return GapDetail(*gap_args(charge)) if isinstance(charge, Gap) else UnknownDetail(charge.spot)


def _line(context: Context, charge: Gap | Unresolved) -> str:
    overdue = "‼ " if late(charge, context.today) else ""
    if isinstance(charge, Gap):
        return f"{overdue}{line(context, charge)}"
    due = f" · due {when(charge.due)}{' (late)' if overdue else ''}" if charge.due else ""
    what = f"? {charge.item.label}: find out: {clip(asked(context.here, charge), 160)}"
    return f"{overdue}{what} · {context.here.names(charge.owners)}{due}"


@dataclass(frozen=True)
class Workload(Place):
    """Who has how much, for a lead."""

    code = "y"
    verb = Permission.ORDER
    targets = ()

    def render(self, context: Context) -> Message:
        last = (Button("Mine", Link(MyWork())), Button("Home", Link(Home())))
        if not context.leads:
            return Message("Work", f"Only {context.leads_by}, the lead, can look at other people’s work.", (last,))
        rows = []
        for member in context.here.here:
            found = work(context.here, member.id, context.today)
            overdue = sum(late(each, context.today) for each in found)
            count = f"{len(found)} open, {overdue} overdue" if overdue else f"{len(found)} open"
            rows.append((Button(f"{clip(member.name, 30)} · {count}", Link(MyWork(member.id))),))
        return Message("Who has what", "Open work of each person.", (*rows, last))
