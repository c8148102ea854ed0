"""For leads above all: the summary, the gaps and what explains them, owners."""

from __future__ import annotations

from dataclasses import dataclass

from bot.core.charge import owners
from bot.core.events import Assigned, Waived
from bot.core.readiness import Gap, gaps, readiness
from bot.dialog.home import STATE, Continue, Home, Sections, days
from bot.dialog.place import Button, Do, Go, Place, Room, Said, Say, Tapped, Turn
from bot.dialog.spot import MARK, clip, when
from bot.dialog.walk import at

PAGE = 6


def line(room: Room, gap: Gap) -> str:
    """One gap in a list: severity, item, what is wrong, who has it, by when."""
    item = room.item(gap.item)
    owner = f" · {room.here.names(gap.owners)}" if gap.owners else ""
    late = " (late)" if gap.due and gap.due < room.today else ""
    due = f" · due {when(gap.due)}{late}" if gap.due else ""
    waived = " · waived" if gap.waiver else ""
    return f"{MARK[gap.severity]} {item.label}: {clip(gap.says, 160)}{owner}{due}{waived}"


@dataclass(frozen=True)
class Summary(Place):
    """May the delegation go, and what is missing: in ten seconds."""

    code = "M"
    shows_news = True

    def says(self, room: Room) -> Say:
        from bot.dialog.changes import Changes, news_lines
        from bot.dialog.signing import SigningOff, sign_lines
        from bot.dialog.waiving import Waivers, count_lines, expired_lines
        from bot.dialog.way import ShortestWay

        n, ready = room.here, readiness(room.here, room.today)
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
                *news_lines(room),
                "",
                *sections,
                *(["", "Worst first:", *worst] if worst else ["", "Nothing is open."]),
            ]
        )
        waivers = (Button(f"Waivers ({len(n.waivers)})", Go(Waivers())),) if n.waivers else ()
        return Say(
            f"{STATE[ready.raw]} before waivers | {STATE[ready.state]} after" if n.waivers else STATE[ready.state],
            text,
            (
                (Button(f"Gaps ({len(ready.gaps)})", Go(Gaps())), Button("Sections", Go(Sections()))),
                (Button("Shortest way", Go(ShortestWay())), Button("What changed", Go(Changes()))),
                (Button("Sign-off", Go(SigningOff())), *waivers),
                (Button("Continue", Go(Continue())), Button("Home", Go(Home()))),
            ),
        )


def _claims(claims: object) -> str:
    counted = dict(claims) if isinstance(claims, dict) else {}
    said = ", ".join(f"{number} {str(claim).replace('_', ' ')}" for claim, number in counted.items())
    return f" (first pass: {said})" if said else ""


@dataclass(frozen=True)
class Gaps(Place):
    """Everything open, worst first."""

    code = "G"
    page: int = 0

    def says(self, room: Room) -> Say:
        found = gaps(room.here, room.today)
        shown = found[self.page * PAGE : self.page * PAGE + PAGE]
        if not shown:
            return Say("Gaps", "Nothing is open.", ((Button("Summary", Go(Summary())),),))
        first = self.page * PAGE + 1
        lines = [f"{number}. {line(room, gap)}" for number, gap in enumerate(shown, start=first)]
        picks = tuple(Button(str(number), Go(AtGap(*gap_args(gap)))) for number, gap in enumerate(shown, start=first))
        turns = []
        if self.page:
            turns.append(Button("◀ Worse", Go(Gaps(self.page - 1))))
        if len(found) > self.page * PAGE + PAGE:
            turns.append(Button("More ▶", Go(Gaps(self.page + 1))))
        return Say(
            f"Gaps · {first}–{first + len(shown) - 1} of {len(found)}",
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
    item: str
    rule: str
    row: str

    def gap(self, room: Room) -> Gap | None:
        """The gap, None once it is closed."""
        return next(
            (one for one in gaps(room.here, room.today) if gap_args(one) == (self.item, self.rule, self.row)), None
        )

    def says(self, room: Room) -> Say:
        from bot.dialog.waiving import never_waived, waiver_said

        gap = self.gap(room)
        item = room.item(self.item)
        to_item = Button("Go to the item", Go(at(item)))
        if gap is None:
            return Say(item.label, "This gap is closed.", ((to_item, Button("Gaps", Go(Gaps()))),))
        checklist = room.here.checklist
        points = [f"{point}: {room.here.words(checklist.points[point])}" for point in gap.points]
        owner = room.here.names(gap.owners)
        due = f" · due {when(gap.due)}" if gap.due else ""
        waived = waiver_said(room, gap)
        parts = [
            gap.says,
            f"How to mend it: {gap.mend}",
            f"Has it: {owner}{due}",
            never_waived(gap) if not gap.waivable else "",
            waived,
            f"Rule {gap.item}/{gap.rule.lstrip('_')}, from:\n" + "\n".join(points),
        ]
        buttons: list[tuple[Button, ...]] = [(to_item,)]
        if waived:
            buttons.append((Button("Renew…", Do("renew")), Button("Withdraw the waiver", Do("withdraw"))))
        else:
            buttons.append((Button("Waive…", Do("waive")),))
        return Say(
            f"{MARK[gap.severity]} {str(gap.severity).capitalize()}: {item.label}",
            "\n\n".join(p for p in parts if p),
            (*buttons, (Button("Gaps", Go(Gaps())),)),
        )

    def hears(self, room: Room, said: Said) -> Turn:
        from bot.dialog.waiving import Renewing, Waiving, never_waived

        gap = self.gap(room)
        match said:
            case Tapped(act="waive") if gap and not gap.waivable:
                return Turn(self, aside=never_waived(gap))
            case Tapped(act="waive" | "renew" as act) if gap:
                if not room.leads:
                    return Turn(self, aside=f"Only {room.leads_by}, the lead, can waive this.")
                return Turn((Renewing if act == "renew" else Waiving)(self.item, self.rule, self.row))
            case Tapped(act="withdraw") if gap:
                withdrawn = Waived(gap=gap.key, reason=None, until=None)
                return Turn(self, (withdrawn,), kept="The waiver is withdrawn.")
            case _:
                return super().hears(room, said)


@dataclass(frozen=True)
class Giving(Place):
    """Who has an item: anyone may take it on, a lead may give it to somebody."""

    code = "a"
    item: str

    def says(self, room: Room) -> Say:
        item = room.item(self.item)
        have = owners(room.here, item)
        rows: list[tuple[Button, ...]] = []
        if room.me not in have:
            rows.append((Button("I take it", Do("give", room.me)),))
        if room.leads:
            rows += [
                (Button(clip(f"Give to {one.name}", 40), Do("give", one.id)),)
                for one in room.here.here
                if one.id not in {room.me, *have}
            ]
        if have and (room.leads or have == (room.me,)):
            rows.append((Button("Nobody", Do("nobody")),))
        text = f"Has it now: {room.here.names(have)}."
        return Say(f"Owner: {item.label}", text, (*rows, (Button("Back", Go(at(item))),)))

    def hears(self, room: Room, said: Said) -> Turn:
        item = room.item(self.item)
        match said:
            case Tapped(act="give", arg=person) if room.here.role(person):
                given = Assigned(target=self.item, people=(person,))
                return Turn(at(item), (given,), kept=f"{item.label}: {room.here.name(person)} has it.")
            case Tapped(act="nobody"):
                return Turn(at(item), (Assigned(target=self.item, people=()),), kept=f"{item.label}: nobody has it.")
            case _:
                return super().hears(room, said)
