"""For leads above all: the summary, the gaps and what explains them, waivers."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from bot.core.answers import Day
from bot.core.checklist import Severity
from bot.core.events import Waived
from bot.core.readiness import STALE, UNKNOWN, Gap, gaps, readiness
from bot.core.unknowns import unknowns
from bot.dialog.aging import stands, still_holds
from bot.dialog.charging import Giving, owned
from bot.dialog.home import Continue, Home, Sections, days, verdict
from bot.dialog.place import Button, Do, Go, Paper, Place, Room, Said, Say, Tapped, Turn, Typed
from bot.dialog.reading import Read, Unsure, Wrong, read_day
from bot.dialog.spot import MARK, clip, when
from bot.dialog.walk import at

PAGE = 6
REASON = 2000  # characters


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
    brings = Paper("card")

    def says(self, room: Room) -> Say:
        from bot.dialog.gates import Gates, next_line
        from bot.dialog.unknowns import Unknowns

        n, ready = room.here, readiness(room.here, room.today)
        unknown = len(unknowns(n, room.today))
        coming = next_line(room)
        counts = [
            f"{MARK[severity]} {severity}: {ready.number(severity)} open"
            + (f" ({ready.number(severity, raw=True)} before waivers)" if ready.waived else "")
            for severity in Severity
        ]
        raw = f"Without waivers: {ready.raw}.\n" if ready.raw != ready.state else ""
        sections = [
            f"{one.section.title}: {one.settled} of {one.total} settled{_claims(one.claims)}" for one in ready.sections
        ]
        worst = [line(room, gap) for gap in ready.gaps[:3]]
        text = "\n".join(
            [
                f"{n.counterpart} · {n.subject}",
                f"Talks on {when(n.talks_on)} · {days(ready.days_left)}",
                raw,
                *counts,
                *(["", coming] if coming else []),
                "",
                *sections,
                *(["", "Worst first:", *worst] if worst else ["", "Nothing is open."]),
            ]
        )
        return Say(
            verdict(n, ready),
            text,
            (
                (Button(f"Gaps ({len(ready.gaps)})", Go(Gaps())), Button("Trend", Do("trend"))),
                (
                    Button("Gates", Go(Gates())),
                    Button(f"Unknowns ({unknown})" if unknown else "Unknowns", Go(Unknowns())),
                ),
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
    item: str
    rule: str
    row: str

    def gap(self, room: Room) -> Gap | None:
        """The gap, None once it is closed."""
        return next(
            (one for one in gaps(room.here, room.today) if gap_args(one) == (self.item, self.rule, self.row)), None
        )

    def says(self, room: Room) -> Say:
        from bot.dialog.mine import Mine
        from bot.dialog.unknowns import AtUnknown

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
        waiver = gap.waiver
        parts = [
            gap.says,
            stands(room, gap) if gap.rule == STALE else "",
            f"How to mend it: {gap.mend}",
            f"Has it: {owner}{due}",
            "This gap cannot be waived." if not gap.waivable else "",
            f"Waived by {room.here.name(waiver.by)} until {when(waiver.until)}: {waiver.reason}" if waiver else "",
            _lapsed(room, gap),
            f"Rule {gap.item}/{gap.rule.lstrip('_')}, from:\n" + "\n".join(points),
        ]
        buttons: list[tuple[Button, ...]] = [(Button("Still holds", Do("holds")),)] if gap.rule == STALE else []
        buttons.append((to_item, Button(f"Owner: {owned(room.here, gap.key)}", Go(Giving(gap.key)))))
        if gap.rule == UNKNOWN:
            buttons.append((Button("Question or task…", Go(AtUnknown(gap.item))),))
        if waiver:
            buttons.append((Button("Withdraw the waiver", Do("withdraw")),))
        elif gap.waivable:
            buttons.append((Button("Waive…", Do("waive")),))
        return Say(
            f"{MARK[gap.severity]} {str(gap.severity).capitalize()}: {item.label}",
            "\n\n".join(p for p in parts if p),
            (*buttons, last),
        )

    def hears(self, room: Room, said: Said) -> Turn:
        gap = self.gap(room)
        match said:
            case Tapped(act="waive") if gap and not gap.waivable:
                return Turn(self, aside="This gap cannot be waived: it has to be closed.")
            case Tapped(act="waive") if gap:
                if not room.leads:
                    return Turn(self, aside=f"{room.only_leads} can waive this.")
                return Turn(Waiving(self.item, self.rule, self.row, gap.severity))
            case Tapped(act="holds"):
                return still_holds(room, "/".join(part for part in (self.item, self.rule, self.row) if part), self)
            case Tapped(act="withdraw") if gap:
                withdrawn = Waived(gap=gap.key, reason=None, until=None)
                return Turn(self, (withdrawn,), kept="The waiver is withdrawn.")
            case _:
                return super().hears(room, said)


def _lapsed(room: Room, gap: Gap) -> str:
    """Why an earlier waiver of an open gap does not count any more; empty where there is none."""
    waiver = room.here.waivers.get(gap.key)
    if waiver is None or gap.waiver is not None or not gap.waivable:
        return ""
    name = room.here.name(waiver.by)
    if waiver.until < room.today:
        return f"{name} waived this until {when(waiver.until)}; that day is past."
    return f"{name} waived this as a {waiver.severity} gap. It weighs more now, so that does not count any more."


@dataclass(frozen=True)
class Waiving(Place):
    """Asks why, then until when, a gap may be accepted. ``severity`` is what it weighed when this was asked."""

    code = "v"
    asks = True
    draft = True
    item: str
    rule: str
    row: str
    severity: str
    reason: str = ""

    def says(self, room: Room) -> Say:
        back = Button("Back", Go(AtGap(self.item, self.rule, self.row)))
        title = f"Waive: {room.item(self.item).label}"
        if not self.reason:
            return Say(title, "Why may we go in without it? Type the reason.", ((back,),))
        ask = f"Until when does this hold? Type a date, or take the day of the talks, {when(room.here.talks_on)}."
        talks = ((Button("Until the talks", Do("talks")),),) if room.here.talks_on >= room.today else ()
        return Say(title, f"Your reason: {clip(self.reason)}\n\n{ask}", (*talks, (back,)))

    def hears(self, room: Room, said: Said) -> Turn:
        gap = AtGap(self.item, self.rule, self.row).gap(room)
        if gap is None or (changed := self._changed(room, gap)):
            aside = changed if gap else "Nothing to waive here any more."
            typed = said.text if isinstance(said, Typed) else self.reason
            wrote = f"\nYou wrote: {clip(typed, 300)}" if typed else ""
            return Turn(AtGap(self.item, self.rule, self.row), aside=f"{aside}{wrote}")
        match said:
            case Typed(text=text) if not self.reason and len(text) > REASON:
                return Turn(self, aside=f"Please give the reason in at most {REASON} characters; that was {len(text)}.")
            case Typed(text=text) if not self.reason and text.strip():
                return Turn(replace(self, reason=text.strip()))
            case Tapped(act="talks") if self.reason and room.here.talks_on >= room.today:
                return self._waived(room, gap, room.here.talks_on)
            case Typed(text=text) if self.reason:
                match read_day(text, room.today):
                    case Read(value=Day(day=day)) if day >= room.today:
                        return self._waived(room, gap, day)
                    case Read():
                        return Turn(self, aside="That day is past.")
                    case Unsure(ask=ask):
                        return Turn(self, aside=f"{ask} Please type it as 2027-03-12.")
                    case Wrong(why=why):
                        return Turn(self, aside=why)
        return super().hears(room, said)

    def _changed(self, room: Room, gap: Gap) -> str:
        """Why the gap is not the one any more that this was asked about; empty when it is."""
        if gap.waiver:
            return f"{room.here.name(gap.waiver.by)} has waived this already."
        if not gap.waivable:
            return "This gap cannot be waived: it has to be closed."
        if gap.severity != self.severity:
            return f"Meanwhile this went from {self.severity} to {gap.severity}. Nothing was waived; look again first."
        return ""

    def _waived(self, room: Room, gap: Gap, until: date) -> Turn:
        waived = Waived(gap=gap.key, reason=self.reason, until=until, severity=gap.severity)
        return Turn(
            AtGap(self.item, self.rule, self.row),
            (waived,),
            kept=f"Waived until {when(until)} in the name of {room.name}.",
        )
