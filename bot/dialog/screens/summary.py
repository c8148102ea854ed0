"""For leads above all: the summary, the gaps and what explains them."""

from __future__ import annotations

from dataclasses import dataclass

from bot.dialog.answer_slot import MARK, clip, when
from bot.dialog.contract import (
    Action,
    Button,
    ButtonReply,
    Context,
    DocumentRequest,
    Link,
    Message,
    Outcome,
    Place,
    Reply,
    TextReply,
)
from bot.dialog.screens.home import STATE, Home, NextForMe, Sections, days, verdict
from bot.dialog.screens.item import at
from bot.dialog.screens.ownership import AssignOwner, owned
from bot.dialog.stale_facts import stands, still_holds
from bot.domain.access.permissions import Permission
from bot.domain.events import Target, Waived
from bot.domain.readiness.item_gaps import STALE, UNKNOWN, Gap
from bot.domain.readiness.readiness import gaps, readiness
from bot.domain.readiness.unknowns import unknowns

PAGE = 6


def line(context: Context, gap: Gap) -> str:
    """One gap in a list: severity, item, what is wrong, who has it, by when."""
    item = context.item(gap.item)
    owner = f" · {context.here.names(gap.owners)}" if gap.owners else ""
    late = " (late)" if gap.due and gap.due < context.today and not gap.waiver else ""
    due = f" · due {when(gap.due)}{late}" if gap.due else ""
    waived = " · waived" if gap.waiver else ""
    return f"{MARK[gap.severity]} {item.label}: {clip(gap.says, 160)}{owner}{due}{waived}"


@dataclass(frozen=True)
class Summary(Place):
    """May the delegation go, and what is missing: in ten seconds."""

    code = "M"
    verb = Permission.LOOK
    targets = ()
    brings = DocumentRequest("card")
    shows_news = True

    def render(self, context: Context) -> Message:
        from bot.dialog.screens.changes import Changes, news_lines
        from bot.dialog.screens.gates import Gates, next_line
        from bot.dialog.screens.shortest_path import ShortestPath
        from bot.dialog.screens.sign_off import SignOffPage, sign_lines
        from bot.dialog.screens.unknowns import Unknowns
        from bot.dialog.screens.waivers import Waivers, count_lines, expired_lines

        n, ready = context.here, readiness(context.here, context.today)
        unknown = len(unknowns(n, context.today))
        coming = next_line(context)
        sections = [
            f"{section.section.title}: {section.settled} of {section.total} settled{_claims(section.claims)}"
            for section in ready.sections
        ]
        worst = [line(context, gap) for gap in ready.gaps[:3]]
        text = "\n".join(
            [
                f"{n.counterpart} · {n.subject}",
                f"Talks on {when(n.talks_on)} · {days(ready.days_left)}",
                *sign_lines(context),
                "",
                *count_lines(context, ready),
                *expired_lines(context),
                *([coming] if coming else []),
                *news_lines(context),
                "",
                *sections,
                *(["", "Worst first:", *worst] if worst else ["", "Nothing is open."]),
            ]
        )
        waivers = (Button(f"Waivers ({len(n.waivers)})", Link(Waivers())),) if n.waivers else ()
        return Message(
            f"{STATE[ready.raw]} before waivers | {verdict(n, ready)} after" if n.waivers else verdict(n, ready),
            text,
            (
                (Button(f"Gaps ({len(ready.gaps)})", Link(Gaps())), Button("Trend", Action("trend"))),
                (Button("Shortest way", Link(ShortestPath())), Button("What changed", Link(Changes()))),
                (
                    Button("Gates", Link(Gates())),
                    Button(f"Unknowns ({unknown})" if unknown else "Unknowns", Link(Unknowns())),
                ),
                (Button("Sign-off", Link(SignOffPage())), *waivers),
                (
                    Button("Sections", Link(Sections())),
                    Button("Continue", Link(NextForMe())),
                    Button("Home", Link(Home())),
                ),
            ),
        )

    def handle(self, context: Context, said: Reply) -> Outcome:
        if said == ButtonReply("trend"):
            return Outcome(self, paper=DocumentRequest("trend"))
        return super().handle(context, said)


def _claims(claims: object) -> str:
    counted = dict(claims) if isinstance(claims, dict) else {}
    said = ", ".join(f"{number} {str(claim).replace('_', ' ')}" for claim, number in counted.items())
    return f" (first pass: {said})" if said else ""


@dataclass(frozen=True)
class Gaps(Place):
    """Everything open, worst first."""

    code = "G"
    verb = Permission.LOOK
    targets = ()
    page: int = 0

    def render(self, context: Context) -> Message:
        found = gaps(context.here, context.today)
        shown = found[self.page * PAGE : self.page * PAGE + PAGE]
        if not shown:
            return Message("Gaps", "Nothing is open.", ((Button("Summary", Link(Summary())),),))
        first = self.page * PAGE + 1
        waived = sum(1 for gap in found if gap.waiver)
        lines = [f"{number}. {line(context, gap)}" for number, gap in enumerate(shown, start=first)]
        picks = tuple(
            Button(str(number), Link(GapDetail(*gap_args(gap)))) for number, gap in enumerate(shown, start=first)
        )
        turns = []
        if self.page:
            turns.append(Button("◀ Worse", Link(Gaps(self.page - 1))))
        if len(found) > self.page * PAGE + PAGE:
            turns.append(Button("More ▶", Link(Gaps(self.page + 1))))
        return Message(
            f"Gaps · {first}–{first + len(shown) - 1} of {len(found)}{f', {waived} waived' if waived else ''}",
            "\n\n".join(lines),
            (
                picks,
                *((tuple(turns),) if turns else ()),
                (Button("Summary", Link(Summary())), Button("Home", Link(Home()))),
            ),
        )


def gap_args(gap: Gap) -> tuple[str, str, str]:
    """What names a gap in a place."""
    return gap.item, gap.rule, gap.row or ""


@dataclass(frozen=True)
class GapDetail(Place):
    """One gap explains itself: what, which rule, which point of the paper, how to mend it."""

    code = "g"
    verb = Permission.LOOK
    item: str
    rule: str
    row: str

    @property
    def targets(self) -> tuple[Target, ...]:
        return (self.item,)

    def gap(self, context: Context) -> Gap | None:
        """The gap, None once it is closed."""
        return next(
            (gap for gap in gaps(context.here, context.today) if gap_args(gap) == (self.item, self.rule, self.row)),
            None,
        )

    def render(self, context: Context) -> Message:
        from bot.dialog.screens.my_work import MyWork
        from bot.dialog.screens.unknowns import UnknownDetail
        from bot.dialog.screens.waivers import never_waived, renewal, waiver_said

        gap = self.gap(context)
        item = context.item(self.item)
        to_item = Button("Go to the item", Link(at(item)))
        last = (Button("Gaps", Link(Gaps())), Button("Mine", Link(MyWork())))
        if gap is None:
            return Message(item.label, "This gap is closed.", ((to_item,), last))
        checklist = context.here.checklist
        points = [f"{point}: {context.here.words(checklist.points[point])}" for point in gap.points]
        owner = context.here.names(gap.owners)
        due = f" · due {when(gap.due)}" if gap.due else ""
        waived = waiver_said(context, gap)
        parts = [
            gap.says,
            stands(context, gap) if gap.rule == STALE else "",
            f"How to mend it: {gap.mend}",
            f"Has it: {owner}{due}",
            never_waived(gap) if not gap.waivable else "",
            waived,
            f"Rule {gap.item}/{gap.rule.lstrip('_')}, from:\n" + "\n".join(points),
        ]
        buttons: list[tuple[Button, ...]] = [(Button("Still holds", Action("holds")),)] if gap.rule == STALE else []
        buttons.append((to_item, Button(f"Owner: {owned(context.here, gap.key)}", Link(AssignOwner(gap.key)))))
        if gap.rule == UNKNOWN:
            buttons.append((Button("Question or task…", Link(UnknownDetail(gap.item))),))
        if waived:
            buttons += filter(None, (renewal(context, gap),))
            buttons.append((Button("Renew…", Action("renew")), Button("Withdraw the waiver", Action("withdraw"))))
        else:
            buttons.append((Button("Waive…", Action("waive")),))
        return Message(
            f"{MARK[gap.severity]} {str(gap.severity).capitalize()}: {item.label}",
            "\n\n".join(p for p in parts if p),
            (*buttons, last),
        )

    def handle(self, context: Context, said: Reply) -> Outcome:
        from bot.dialog.screens.waivers import RenewWaiver, WaiveGap, never_waived, renewed

        gap = self.gap(context)
        match said:
            case ButtonReply(act="waive") if gap and not gap.waivable:
                return Outcome(self, aside=never_waived(gap))
            case ButtonReply(act="waive" | "renew" | "talks" | "reinstate" as act) if gap:
                if not context.leads:
                    return Outcome(self, aside=f"{context.only_leads} can waive this.")
                if act in {"talks", "reinstate"}:
                    return renewed(context, gap, act) or super().handle(context, said)
                if act == "renew":
                    return Outcome(RenewWaiver(self.item, self.rule, self.row))
                return Outcome(WaiveGap(self.item, self.rule, self.row, gap.severity))
            case ButtonReply(act="holds"):
                return still_holds(context, "/".join(part for part in (self.item, self.rule, self.row) if part), self)
            case ButtonReply(act="withdraw") if gap:
                withdrawn = Waived(gap=gap.key, reason=None, until=None)
                return Outcome(self, (withdrawn,), kept="The waiver is withdrawn.")
            case TextReply() if not self.row:  # what is missing, said at once
                return at(context.item(self.item)).handle(context, said)
            case _:
                return super().handle(context, said)
