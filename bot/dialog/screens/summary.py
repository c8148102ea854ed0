"""For leads above all: the summary, the gaps and what explains them."""

from __future__ import annotations

from dataclasses import dataclass

from bot.dialog.answer_slot import MARK, clip, when
from bot.dialog.contract import Button, Do, Go, Paper, Place, Room, Said, Say, Tapped, Turn, Typed
from bot.dialog.screens.home import STATE, Continue, Home, Sections, days, verdict
from bot.dialog.screens.item import at
from bot.dialog.screens.ownership import Giving, owned
from bot.dialog.stale_facts import stands, still_holds
from bot.domain.access.permissions import Verb
from bot.domain.events import Waived
from bot.domain.readiness.item_gaps import STALE, UNKNOWN, Gap
from bot.domain.readiness.readiness import gaps, readiness
from bot.domain.readiness.unknowns import unknowns

PAGE = 6


def line(room: Room, gap: Gap) -> str:
    """One gap in a list: severity, item, what is wrong, who has it, by when."""
    item = room.item(gap.item)
    owner = f" · {room.here.names(gap.owners)}" if gap.owners else ""
    late = " (late)" if gap.due and gap.due < room.today and not gap.waiver else ""
    due = f" · due {when(gap.due)}{late}" if gap.due else ""
    waived = " · waived" if gap.waiver else ""
    return f"{MARK[gap.severity]} {item.label}: {clip(gap.says, 160)}{owner}{due}{waived}"


@dataclass(frozen=True)
class Summary(Place):
    """May the delegation go, and what is missing: in ten seconds."""

    code = "M"
    verb = Verb.LOOK
    brings = Paper("card")
    shows_news = True

    def says(self, room: Room) -> Say:
        from bot.dialog.screens.changes import Changes, news_lines
        from bot.dialog.screens.gates import Gates, next_line
        from bot.dialog.screens.shortest_path import ShortestWay
        from bot.dialog.screens.sign_off import SigningOff, sign_lines
        from bot.dialog.screens.unknowns import Unknowns
        from bot.dialog.screens.waivers import Waivers, count_lines, expired_lines

        n, ready = room.here, readiness(room.here, room.today)
        unknown = len(unknowns(n, room.today))
        coming = next_line(room)
        sections = [
            f"{one.section.title}: {one.settled} of {one.total} settled{_claims(one.claims)}" for one in ready.sections
        ]
        worst = [line(room, gap) for gap in ready.gaps[:3]]
        text = "\n".join(
            [
                f"{n.counterpart} · {n.subject}",
                f"Talks on {when(n.talks_on)} · {days(ready.days_left)}",
                *sign_lines(room),
                "",
                *count_lines(room, ready),
                *expired_lines(room),
                *([coming] if coming else []),
                *news_lines(room),
                "",
                *sections,
                *(["", "Worst first:", *worst] if worst else ["", "Nothing is open."]),
            ]
        )
        waivers = (Button(f"Waivers ({len(n.waivers)})", Go(Waivers())),) if n.waivers else ()
        return Say(
            f"{STATE[ready.raw]} before waivers | {verdict(n, ready)} after" if n.waivers else verdict(n, ready),
            text,
            (
                (Button(f"Gaps ({len(ready.gaps)})", Go(Gaps())), Button("Trend", Do("trend"))),
                (Button("Shortest way", Go(ShortestWay())), Button("What changed", Go(Changes()))),
                (
                    Button("Gates", Go(Gates())),
                    Button(f"Unknowns ({unknown})" if unknown else "Unknowns", Go(Unknowns())),
                ),
                (Button("Sign-off", Go(SigningOff())), *waivers),
                (Button("Sections", Go(Sections())), Button("Continue", Go(Continue())), Button("Home", Go(Home()))),
            ),
        )

    def hears(self, room: Room, said: Said) -> Turn:
        if said == Tapped("trend"):
            return Turn(self, paper=Paper("trend"))
        return super().hears(room, said)


def _claims(claims: object) -> str:
    counted = dict(claims) if isinstance(claims, dict) else {}
    said = ", ".join(f"{number} {str(claim).replace('_', ' ')}" for claim, number in counted.items())
    return f" (first pass: {said})" if said else ""


@dataclass(frozen=True)
class Gaps(Place):
    """Everything open, worst first."""

    code = "G"
    verb = Verb.LOOK
    page: int = 0

    def says(self, room: Room) -> Say:
        found = gaps(room.here, room.today)
        shown = found[self.page * PAGE : self.page * PAGE + PAGE]
        if not shown:
            return Say("Gaps", "Nothing is open.", ((Button("Summary", Go(Summary())),),))
        first = self.page * PAGE + 1
        waived = sum(1 for gap in found if gap.waiver)
        lines = [f"{number}. {line(room, gap)}" for number, gap in enumerate(shown, start=first)]
        picks = tuple(Button(str(number), Go(AtGap(*gap_args(gap)))) for number, gap in enumerate(shown, start=first))
        turns = []
        if self.page:
            turns.append(Button("◀ Worse", Go(Gaps(self.page - 1))))
        if len(found) > self.page * PAGE + PAGE:
            turns.append(Button("More ▶", Go(Gaps(self.page + 1))))
        return Say(
            f"Gaps · {first}–{first + len(shown) - 1} of {len(found)}{f', {waived} waived' if waived else ''}",
            "\n\n".join(lines),
            (
                picks,
                *((tuple(turns),) if turns else ()),
                (Button("Summary", Go(Summary())), Button("Home", Go(Home()))),
            ),
        )


def gap_args(gap: Gap) -> tuple[str, str, str]:
    """What names a gap in a place."""
    return gap.item, gap.rule, gap.row or ""


@dataclass(frozen=True)
class AtGap(Place):
    """One gap explains itself: what, which rule, which point of the paper, how to mend it."""

    code = "g"
    verb = Verb.LOOK
    item: str
    rule: str
    row: str

    def gap(self, room: Room) -> Gap | None:
        """The gap, None once it is closed."""
        return next(
            (one for one in gaps(room.here, room.today) if gap_args(one) == (self.item, self.rule, self.row)), None
        )

    def says(self, room: Room) -> Say:
        from bot.dialog.screens.my_work import Mine
        from bot.dialog.screens.unknowns import AtUnknown
        from bot.dialog.screens.waivers import never_waived, waiver_said

        gap = self.gap(room)
        item = room.item(self.item)
        to_item = Button("Go to the item", Go(at(item)))
        last = (Button("Gaps", Go(Gaps())), Button("Mine", Go(Mine())))
        if gap is None:
            return Say(item.label, "This gap is closed.", ((to_item,), last))
        checklist = room.here.checklist
        points = [f"{point}: {room.here.words(checklist.points[point])}" for point in gap.points]
        owner = room.here.names(gap.owners)
        due = f" · due {when(gap.due)}" if gap.due else ""
        waived = waiver_said(room, gap)
        parts = [
            gap.says,
            stands(room, gap) if gap.rule == STALE else "",
            f"How to mend it: {gap.mend}",
            f"Has it: {owner}{due}",
            never_waived(gap) if not gap.waivable else "",
            waived,
            f"Rule {gap.item}/{gap.rule.lstrip('_')}, from:\n" + "\n".join(points),
        ]
        buttons: list[tuple[Button, ...]] = [(Button("Still holds", Do("holds")),)] if gap.rule == STALE else []
        buttons.append((to_item, Button(f"Owner: {owned(room.here, gap.key)}", Go(Giving(gap.key)))))
        if gap.rule == UNKNOWN:
            buttons.append((Button("Question or task…", Go(AtUnknown(gap.item))),))
        if waived:
            buttons.append((Button("Renew…", Do("renew")), Button("Withdraw the waiver", Do("withdraw"))))
        else:
            buttons.append((Button("Waive…", Do("waive")),))
        return Say(
            f"{MARK[gap.severity]} {str(gap.severity).capitalize()}: {item.label}",
            "\n\n".join(p for p in parts if p),
            (*buttons, last),
        )

    def hears(self, room: Room, said: Said) -> Turn:
        from bot.dialog.screens.waivers import Renewing, Waiving, never_waived

        gap = self.gap(room)
        match said:
            case Tapped(act="waive") if gap and not gap.waivable:
                return Turn(self, aside=never_waived(gap))
            case Tapped(act="waive" | "renew" as act) if gap:
                if not room.leads:
                    return Turn(self, aside=f"{room.only_leads} can waive this.")
                if act == "renew":
                    return Turn(Renewing(self.item, self.rule, self.row))
                return Turn(Waiving(self.item, self.rule, self.row, gap.severity))
            case Tapped(act="holds"):
                return still_holds(room, "/".join(part for part in (self.item, self.rule, self.row) if part), self)
            case Tapped(act="withdraw") if gap:
                withdrawn = Waived(gap=gap.key, reason=None, until=None)
                return Turn(self, (withdrawn,), kept="The waiver is withdrawn.")
            case Typed() if not self.row:  # what is missing, said at once
                return at(room.item(self.item)).hears(room, said)
            case _:
                return super().hears(room, said)
