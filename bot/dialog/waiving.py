"""Waivers: a lead accepts a gap in their own name, with a reason and a day on which that ends."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from bot.core.answers import Day
from bot.core.checklist import Severity
from bot.core.events import Waived
from bot.core.judging import Gap
from bot.core.permission import Verb
from bot.core.readiness import Readiness
from bot.core.waivers import Accepted, accepted, expired
from bot.dialog.day_doubts import day_buttons, picked_day, typed_day
from bot.dialog.leading import AtGap, Summary, gap_args, line
from bot.dialog.place import Button, Do, Go, Place, Room, Said, Say, Tapped, Turn, Typed
from bot.dialog.reading import Read, Unsure, Wrong
from bot.dialog.spot import MARK, clip, when
from bot.dialog.typed import empty_words

PAGE = 6
REASON = 2000  # characters


def count_lines(room: Room, ready: Readiness) -> list[str]:
    """Open gaps by severity: before and after waivers, side by side, wherever there is a waiver."""
    if not room.here.waivers:
        return [f"{MARK[one]} {one}: {ready.number(one)} open" for one in Severity]
    both = [f"{MARK[one]} {one}: {ready.number(one, raw=True)} | {ready.number(one)}" for one in Severity]
    return ["Open before waivers | after:", *both]


def expired_lines(room: Room) -> list[str]:
    """That waivers ran out, loudly, where any did."""
    gone = expired(room.here, room.today)
    if not gone:
        return []
    first = gone[0]
    more = f" and {len(gone) - 1} more" if len(gone) > 1 else ""
    said = f"{len(gone)} waiver{'s' if len(gone) > 1 else ''} expired"
    return [f"⚠ {said}, open again: {_item(room, first)} (until {when(first.waiver.until)}){more}"]


def waived_lines(room: Room) -> list[str]:
    """The waivers in force, for whoever signs over them."""
    held = [one for one in accepted(room.here, room.today) if one.holds]
    told = [f"· {_told(room, one)}" for one in held[:5]]
    more = [f"· … and {len(held) - 5} more, under Waivers"] if len(held) > 5 else []
    return [f"Waivers in force: {len(held)}", *told, *more]


def waiver_said(room: Room, gap: Gap) -> str:
    """What a gap says of its waiver, in force, run out, or given when the gap weighed less."""
    waiver = room.here.waivers.get(gap.key)
    if waiver is None or not gap.waivable:
        return ""
    by = f"Waived by {room.here.name(waiver.by)} until {when(waiver.until)}"
    if gap.waiver:
        return f"{by}: {waiver.reason}"
    if waiver.until < room.today:
        return f"⚠ {by}: expired. The reason was: {waiver.reason}"
    return f"⚠ {by} as a {waiver.severity} gap. It weighs more now, so that does not count any more."


def never_waived(gap: Gap) -> str:
    """Why nobody can accept a gap."""
    rule = f"{gap.item}/{gap.rule.lstrip('_')}"
    return f"Nobody can waive this gap, not even a lead: the checklist's rule {rule} says it has to be closed."


def _item(room: Room, one: Accepted) -> str:
    return room.here.words(room.item(one.key.partition("/")[0]).label)


def _told(room: Room, one: Accepted) -> str:
    waiver = one.waiver
    gap = f"{MARK[one.gap.severity]} " if one.gap else ""
    return (
        f"{gap}{_item(room, one)}: {room.here.name(waiver.by)}, until {when(waiver.until)}: {clip(waiver.reason, 120)}"
    )


@dataclass(frozen=True)
class Waivers(Place):
    """Every waiver, the soonest to expire first."""

    code = "Wl"
    verb = Verb.LOOK
    page: int = 0

    def says(self, room: Room) -> Say:
        every = [one for one in accepted(room.here, room.today) if room.here.checklist.item.get(one.key.split("/")[0])]
        found = [one for one in every if one.gap is not None]
        closed = len(every) - len(found)
        first = self.page * PAGE
        shown = found[first : first + PAGE]
        lines = [f"{number}. {self._line(room, one)}" for number, one in enumerate(shown, start=first + 1)]
        if closed:
            lines.append(f"{closed} more had their gaps closed.")
        picks = tuple(
            Button(str(number), Go(AtGap(*gap_args(one.gap))))
            for number, one in enumerate(shown, start=first + 1)
            if one.gap
        )
        turns = (
            *((Button("◀ Sooner", Go(Waivers(self.page - 1))),) if self.page else ()),
            *((Button("Later ▶", Go(Waivers(self.page + 1))),) if len(found) > first + PAGE else ()),
        )
        text = "\n\n".join(lines) or "Nothing is waived."
        return Say(f"Waivers · {len(found)}", text, (picks, turns, (Button("Summary", Go(Summary())),)))

    def _line(self, room: Room, one: Accepted) -> str:
        if one.expired:
            return f"⚠ EXPIRED: {_told(room, one)}"
        return _told(room, one) if one.holds else f"⚠ Does not cover the gap as it is now: {_told(room, one)}"


def accept(room: Room, gap: Gap, reason: str, until: date) -> Turn:
    """Record that the person accepts a gap."""
    waived = Waived(gap=gap.key, reason=reason, until=until, severity=gap.severity)
    return Turn(AtGap(*gap_args(gap)), (waived,), kept=f"Waived until {when(until)} in the name of {room.name}.")


def read_until(room: Room, place: Waiving | Renewing, said: Said) -> date | Turn | None:
    """The day until which a waiver is to hold, or what is asked back; None for what is no day at all."""
    match said:
        case Typed(text=text):
            reading, doubt = typed_day(room, text), text
        case Tapped(act="day", arg=number) if picked := picked_day(typed_day(room, place.doubt), number):
            reading, doubt = Read(Day(day=picked)), ""
        case _:
            return None
    match reading:
        case Read(value=Day(day=day)) if day >= room.today:
            return day
        case Read(value=Day(day=day)):
            return Turn(replace(place, doubt=""), aside=f"{when(day)} is past. Until when does this hold?")
        case Wrong(why=why):
            return Turn(replace(place, doubt=""), aside=why)
        case _:
            return Turn(replace(place, doubt=doubt))


def _until(room: Room, doubt: str) -> tuple[str, tuple[tuple[Button, ...], ...]]:
    if doubt and isinstance(reading := typed_day(room, doubt), Unsure):
        return reading.ask, day_buttons(reading)
    ask = f"Until when does this hold? Type a date, or take the day of the talks, {when(room.here.talks_on)}."
    return ask, ((Button("Until the talks", Do("talks")),),) if room.here.talks_on >= room.today else ()


@dataclass(frozen=True)
class Waiving(Place):
    """Asks why, then until when, a gap may be accepted. ``severity`` is what it weighed when this was asked."""

    code = "v"
    verb = Verb.LEAD
    draft = True
    item: str
    rule: str
    row: str
    severity: str
    reason: str = ""
    doubt: str = ""  # a day that can be read in two ways

    def says(self, room: Room) -> Say:
        back = Button("Back", Go(AtGap(self.item, self.rule, self.row)))
        title = f"Waive: {room.item(self.item).label}"
        if not self.reason:
            return Say(title, "Why may we go in without it? Type the reason.", ((back,),))
        ask, talks = _until(room, self.doubt)
        return Say(title, f"Your reason: {clip(self.reason)}\n\n{ask}", (*talks, (back,)))

    def unrecorded(self) -> str:
        return self.reason

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
            case Typed(text=text) if not self.reason and (empty := empty_words(text)):
                return Turn(self, aside=f"{empty} Please type the reason in words. Nothing was waived.")
            case Typed(text=text) if not self.reason and text.strip():
                return Turn(replace(self, reason=text.strip()))
            case Tapped(act="talks") if self.reason and room.here.talks_on >= room.today:
                return accept(room, gap, self.reason, room.here.talks_on)
        until = read_until(room, self, said) if self.reason else None
        if until is None:
            return super().hears(room, said)
        return until if isinstance(until, Turn) else accept(room, gap, self.reason, until)

    def _changed(self, room: Room, gap: Gap) -> str:
        """Why the gap is not the one any more that this was asked about; empty when it is."""
        if gap.waiver:
            return f"{room.here.name(gap.waiver.by)} has waived this already."
        if not gap.waivable:
            return never_waived(gap)
        if gap.severity != self.severity:
            return f"Meanwhile this went from {self.severity} to {gap.severity}. Nothing was waived; look again first."
        return ""


@dataclass(frozen=True)
class Renewing(Place):
    """Asks until when a waiver holds from now on; its reason stays, under the name of whoever renews it."""

    code = "Wr"
    verb = Verb.LEAD
    item: str
    rule: str
    row: str = ""
    doubt: str = ""  # a day that can be read in two ways

    def says(self, room: Room) -> Say:
        at = AtGap(self.item, self.rule, self.row)
        back = Button("Back", Go(at))
        gap = at.gap(room)
        waiver = room.here.waivers.get(gap.key) if gap else None
        title = f"Renew: {room.item(self.item).label}"
        if gap is None or waiver is None:
            return Say(title, "There is no waiver here any more.", ((back,),))
        ask, talks = _until(room, self.doubt)
        told = f"{line(room, gap)}\n\nThe reason stays: {clip(waiver.reason)}\nFrom now on it is in your name."
        return Say(title, f"{told}\n\n{ask}", (*talks, (back,)))

    def hears(self, room: Room, said: Said) -> Turn:
        at = AtGap(self.item, self.rule, self.row)
        gap = at.gap(room)
        waiver = room.here.waivers.get(gap.key) if gap else None
        if gap is None or waiver is None or not gap.waivable:
            return Turn(at, aside="There is no waiver to renew here any more.")
        if isinstance(said, Tapped) and said.act == "talks" and room.here.talks_on >= room.today:
            return accept(room, gap, waiver.reason, room.here.talks_on)
        until = read_until(room, self, said)
        if until is None:
            return super().hears(room, said)
        return until if isinstance(until, Turn) else accept(room, gap, waiver.reason, until)
