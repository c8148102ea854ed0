"""Waivers: a lead accepts a gap in their own name, with a reason and a day on which that ends."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial

from bot.dialog.answer_slot import MARK, clip, when
from bot.dialog.contract import Action, Button, ButtonReply, Context, Link, Message, Outcome, Place, Reply, TextReply
from bot.dialog.day_questions import day_buttons, day_said, told_day, typed_day
from bot.dialog.parsing.text import empty_words
from bot.dialog.parsing.values import Misread, Read, Unsure
from bot.dialog.screens.summary import GapDetail, Summary, gap_args, line
from bot.domain.access.permissions import Permission
from bot.domain.answers import Day
from bot.domain.checklist import Severity
from bot.domain.events import Target, Waived, WaiverReinstated
from bot.domain.readiness.item_gaps import Gap
from bot.domain.readiness.readiness import Readiness
from bot.domain.readiness.waivers import WaiverStatus, accepted, expired

PAGE = 6
REASON = 2000  # characters


def count_lines(context: Context, ready: Readiness) -> list[str]:
    """Open gaps by severity: before and after waivers, side by side, wherever there is a waiver."""
    if not context.here.waivers:
        return [f"{MARK[severity]} {severity}: {ready.number(severity)} open" for severity in Severity]
    both = [
        f"{MARK[severity]} {severity}: {ready.number(severity, raw=True)} | {ready.number(severity)}"
        for severity in Severity
    ]
    return ["Open before waivers | after:", *both]


def expired_lines(context: Context) -> list[str]:
    """That waivers ran out, loudly, where any did."""
    gone = expired(context.here, context.today)
    if not gone:
        return []
    first = gone[0]
    more = f" and {len(gone) - 1} more" if len(gone) > 1 else ""
    said = f"{len(gone)} waiver{'s' if len(gone) > 1 else ''} expired"
    return [f"⚠ {said}, open again: {_item(context, first)} (until {when(first.waiver.until)}){more}"]


def waived_lines(context: Context) -> list[str]:
    """The waivers in force, for whoever signs over them."""
    held = [status for status in accepted(context.here, context.today) if status.holds]
    told = [f"· {_told(context, status)}" for status in held[:5]]
    more = [f"· … and {len(held) - 5} more, under Waivers"] if len(held) > 5 else []
    return [f"Waivers in force: {len(held)}", *told, *more]


def waiver_said(context: Context, gap: Gap) -> str:
    """What a gap says of its waiver, in force, run out, or given when the gap weighed less."""
    waiver = context.here.waivers.get(gap.key)
    if waiver is None or not gap.waivable:
        return ""
    by = f"Waived by {context.here.name(waiver.by)} until {when(waiver.until)}"
    if gap.waiver:
        return f"{by}: {waiver.reason}"
    if waiver.is_over(context.today):
        early = waiver.until >= context.today
        clock = " The clock ran ahead then, or was set back since: a lead says whether it holds on." if early else ""
        return f"⚠ {by}: expired.{clock} The reason was: {waiver.reason}"
    return f"⚠ {by} as a {waiver.severity} gap. It weighs more now, so that does not count any more."


def renewal(context: Context, gap: Gap) -> tuple[Button, ...]:
    """What brings back a waiver that has run out, with one tap: until its own day, if that is to come, or the talks."""
    waiver, talks_on = context.here.waivers.get(gap.key), context.here.talks_on
    if waiver is None or not gap.waivable or not waiver.is_over(context.today):
        return ()
    if waiver.until >= context.today:
        return (Button(f"It holds until {when(waiver.until)}", Action("reinstate")),)
    return (Button(f"Renew until {when(talks_on)}", Action("talks")),) if talks_on >= context.today else ()


def renewed(context: Context, gap: Gap, act: str) -> Outcome | None:
    """What such a tap records; None where the button is not offered."""
    waiver = context.here.waivers.get(gap.key)
    if waiver is None or Action(act) not in [button.means for button in renewal(context, gap)]:
        return None
    if act == "talks":
        return accept(context, gap, waiver.reason, Day(day=context.here.talks_on))
    reinstated = WaiverReinstated(gap=gap.key)
    return Outcome(GapDetail(*gap_args(gap)), (reinstated,), kept=f"The waiver holds until {when(waiver.until)}.")


def never_waived(gap: Gap) -> str:
    """Why nobody can accept a gap."""
    rule = f"{gap.item}/{gap.rule.lstrip('_')}"
    return f"Nobody can waive this gap, not even a lead: the checklist's rule {rule} says it has to be closed."


def _item(context: Context, status: WaiverStatus) -> str:
    return context.here.words(context.item(status.key.partition("/")[0]).label)


def _told(context: Context, status: WaiverStatus) -> str:
    waiver = status.waiver
    gap = f"{MARK[status.gap.severity]} " if status.gap else ""
    until = f"{context.here.name(waiver.by)}, until {when(waiver.until)}"
    return f"{gap}{_item(context, status)}: {until}: {clip(waiver.reason, 120)}"


@dataclass(frozen=True)
class Waivers(Place):
    """Every waiver, the soonest to expire first."""

    code = "Wl"
    verb = Permission.LOOK
    targets = ()
    page: int = 0

    def render(self, context: Context) -> Message:
        every = [
            status
            for status in accepted(context.here, context.today)
            if context.here.checklist.item.get(status.key.split("/")[0])
        ]
        found = [status for status in every if status.gap is not None]
        closed = len(every) - len(found)
        first = self.page * PAGE
        shown = found[first : first + PAGE]
        lines = [f"{number}. {self._line(context, status)}" for number, status in enumerate(shown, start=first + 1)]
        if closed:
            lines.append(f"{closed} more had their gaps closed.")
        picks = tuple(
            Button(str(number), Link(GapDetail(*gap_args(status.gap))))
            for number, status in enumerate(shown, start=first + 1)
            if status.gap
        )
        turns = (
            *((Button("◀ Sooner", Link(Waivers(self.page - 1))),) if self.page else ()),
            *((Button("Later ▶", Link(Waivers(self.page + 1))),) if len(found) > first + PAGE else ()),
        )
        text = "\n\n".join(lines) or "Nothing is waived."
        return Message(f"Waivers · {len(found)}", text, (picks, turns, (Button("Summary", Link(Summary())),)))

    def _line(self, context: Context, status: WaiverStatus) -> str:
        if status.expired:
            return f"⚠ EXPIRED: {_told(context, status)}"
        return (
            _told(context, status)
            if status.holds
            else f"⚠ Does not cover the gap as it is now: {_told(context, status)}"
        )


def accept(context: Context, gap: Gap, reason: str, until: Day) -> Outcome:
    """Record that the person accepts a gap."""
    waived = Waived(gap=gap.key, reason=reason, until=until.day, severity=gap.severity)
    return Outcome(
        GapDetail(*gap_args(gap)), (waived,), kept=f"Waived until {told_day(until)} in the name of {context.name}."
    )


def read_until(context: Context, place: WaiveGap | RenewWaiver, said: Reply) -> Day | Outcome | None:
    """The day until which a waiver is to hold, or what is asked back; None for what is no day at all."""
    match day_said(said, place.doubt, partial(typed_day, context)):
        case Read(value=Day() as day) if day.day >= context.today:
            return day
        case Read(value=Day() as day):
            return Outcome(replace(place, doubt=""), aside=f"{told_day(day)} is past. Until when does this hold?")
        case Misread(why=why):
            return Outcome(replace(place, doubt=""), aside=why)
        case Unsure() if isinstance(said, TextReply):
            return Outcome(replace(place, doubt=said.text))
        case _:
            return None


def _until(context: Context, doubt: str) -> tuple[str, tuple[tuple[Button, ...], ...]]:
    if doubt and isinstance(reading := typed_day(context, doubt), Unsure):
        return reading.ask, day_buttons(reading)
    ask = f"Until when does this hold? Type a date, or take the day of the talks, {when(context.here.talks_on)}."
    return ask, ((Button("Until the talks", Action("talks")),),) if context.here.talks_on >= context.today else ()


@dataclass(frozen=True)
class WaiveGap(Place):
    """Asks why, then until when, a gap may be accepted. ``severity`` is what it weighed when this was asked."""

    code = "v"
    verb = Permission.LEAD
    draft = True
    item: str
    rule: str
    row: str
    severity: str
    reason: str = ""
    doubt: str = ""  # a day that can be read in two ways

    @property
    def targets(self) -> tuple[Target, ...]:
        return (self.item,)

    def render(self, context: Context) -> Message:
        back = Button("Back", Link(GapDetail(self.item, self.rule, self.row)))
        title = f"Waive: {context.item(self.item).label}"
        if not self.reason:
            return Message(title, "Why may we go in without it? Type the reason.", ((back,),))
        ask, talks = _until(context, self.doubt)
        return Message(title, f"Your reason: {clip(self.reason)}\n\n{ask}", (*talks, (back,)))

    def unrecorded(self) -> str:
        return "\n".join(filter(None, (self.reason, self.doubt)))

    def handle(self, context: Context, said: Reply) -> Outcome:
        gap = GapDetail(self.item, self.rule, self.row).gap(context)
        if gap is None or (changed := self._changed(context, gap)):
            aside = changed if gap else "Nothing to waive here any more."
            typed = said.text if isinstance(said, TextReply) else self.reason
            wrote = f"\nYou wrote: {clip(typed, 300)}" if typed else ""
            return Outcome(GapDetail(self.item, self.rule, self.row), aside=f"{aside}{wrote}")
        match said:
            case TextReply(text=text) if not self.reason and len(text) > REASON:
                return Outcome(
                    self, aside=f"Please give the reason in at most {REASON} characters; that was {len(text)}."
                )
            case TextReply(text=text) if not self.reason and (empty := empty_words(text)):
                return Outcome(self, aside=f"{empty} Please type the reason in words. Nothing was waived.")
            case TextReply(text=text) if not self.reason and text.strip():
                return Outcome(replace(self, reason=text.strip()))
            case ButtonReply(act="talks") if self.reason and context.here.talks_on >= context.today:
                return accept(context, gap, self.reason, Day(day=context.here.talks_on))
        until = read_until(context, self, said) if self.reason else None
        if until is None:
            return super().handle(context, said)
        return until if isinstance(until, Outcome) else accept(context, gap, self.reason, until)

    def _changed(self, context: Context, gap: Gap) -> str:
        """Why the gap is not the one any more that this was asked about; empty when it is."""
        if gap.waiver:
            return f"{context.here.name(gap.waiver.by)} has waived this already."
        if not gap.waivable:
            return never_waived(gap)
        if gap.severity != self.severity:
            return f"Meanwhile this went from {self.severity} to {gap.severity}. Nothing was waived; look again first."
        return ""


@dataclass(frozen=True)
class RenewWaiver(Place):
    """Asks until when a waiver holds from now on; its reason stays, under the name of whoever renews it."""

    code = "Wr"
    verb = Permission.LEAD
    item: str
    rule: str
    row: str = ""
    doubt: str = ""  # a day that can be read in two ways

    @property
    def targets(self) -> tuple[Target, ...]:
        return (self.item,)

    def render(self, context: Context) -> Message:
        at = GapDetail(self.item, self.rule, self.row)
        back = Button("Back", Link(at))
        gap = at.gap(context)
        waiver = context.here.waivers.get(gap.key) if gap else None
        title = f"Renew: {context.item(self.item).label}"
        if gap is None or waiver is None:
            return Message(title, "There is no waiver here any more.", ((back,),))
        ask, talks = _until(context, self.doubt)
        told = f"{line(context, gap)}\n\nThe reason stays: {clip(waiver.reason)}\nFrom now on it is in your name."
        return Message(title, f"{told}\n\n{ask}", (*talks, (back,)))

    def unrecorded(self) -> str:
        return self.doubt

    def handle(self, context: Context, said: Reply) -> Outcome:
        at = GapDetail(self.item, self.rule, self.row)
        gap = at.gap(context)
        waiver = context.here.waivers.get(gap.key) if gap else None
        if gap is None or waiver is None or not gap.waivable:
            return Outcome(at, aside="There is no waiver to renew here any more.")
        if isinstance(said, ButtonReply) and said.act == "talks" and context.here.talks_on >= context.today:
            return accept(context, gap, waiver.reason, Day(day=context.here.talks_on))
        until = read_until(context, self, said)
        if until is None:
            return super().handle(context, said)
        return until if isinstance(until, Outcome) else accept(context, gap, waiver.reason, until)
