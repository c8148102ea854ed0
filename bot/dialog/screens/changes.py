"""What changed: since a person last looked, since a day, since a sign-off."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from functools import partial

from bot.dialog.answer_slot import MARK, clip, when
from bot.dialog.contract import Button, Context, Link, Message, Outcome, Place, Reply, TextReply
from bot.dialog.day_questions import day_buttons, day_said, typed_day
from bot.dialog.parsing.values import Misread, Read, Unsure
from bot.dialog.screens.home import Home
from bot.dialog.screens.summary import Summary
from bot.domain.access.need_to_know import may_hear
from bot.domain.access.permissions import Permission
from bot.domain.answers import Day
from bot.domain.history.diff import Diff, DiffLine, GapFlip, changes, last_before
from bot.domain.negotiation import NOTHING, Happened, Signature

PAGE = 6
ANSWER = 200  # characters of an answer; its history has more
SINCE = {
    "look": "since you last looked, on {day}",
    "date": "since {day}",
    "sign": "since the sign-off of {day}",
    "all": "since the talks were opened",
}


def news_lines(context: Context) -> list[str]:
    """How much was recorded since the person last looked, where anything was."""
    look = context.looked()
    if look is None or look.seq >= context.here.seq:
        return []
    number = len(news(context, look.seq))
    if not number:
        return []
    return [f"Since you last looked, on {when(look.at)}: {number} record{'s' if number > 1 else ''} more."]


def news(context: Context, since: int) -> list[Happened]:
    """What was recorded after an event, as far as it is about what the person may see."""
    return [happened for happened in context.line(since) if may_hear(context.here, happened)]


@dataclass(frozen=True)
class Changes(Place):
    """Gaps opened and closed, and answers before and after, since an event.

    ``why`` says what the person chose: their last look, a date, a sign-off, or all; ``day`` is its day.
    """

    code = "Ch"
    verb = Permission.LOOK
    targets = ()
    shows_news = True
    since: int = 0
    why: str = ""
    day: str = ""
    page: int = 0

    def resolve(self, context: Context) -> Place:
        """From the last look on, unless another beginning was chosen."""
        if self.why:
            return self
        look = context.looked()
        if look is None:
            return Changes(1, "all", context.here.opened_at.date().isoformat())
        return Changes(look.seq, "look", look.at.date().isoformat())

    def render(self, context: Context) -> Message:
        try:
            day = date.fromisoformat(self.day)
        except ValueError:  # a button of somebody's own making
            return Changes(1, "all", context.here.opened_at.date().isoformat()).render(context)
        title = f"What changed {SINCE.get(self.why, SINCE['date']).format(day=when(day))}"
        found = _found(context, self.since, day)
        every: tuple[GapFlip | DiffLine, ...] = (*found.flips, *_all(found)) if found else ()
        first = self.page * PAGE
        shown = [_told(context, found, change) for change in every[first : first + PAGE]] if found else []
        text = "\n\n".join([_counted(found), *shown]) if found and shown else "Nothing changed."
        turns = (
            *((Button("◀ Before", Link(replace(self, page=self.page - 1))),) if self.page else ()),
            *((Button("More ▶", Link(replace(self, page=self.page + 1))),) if len(every) > first + PAGE else ()),
        )
        return Message(
            title,
            text,
            (
                turns,
                (Button("Since a date…", Link(SinceWhen())),),
                *(
                    (Button(f"Since the sign-off of {when(signature.at)}", Link(_since(signature))),)
                    for signature in _signed(context)
                ),
                (Button("Summary", Link(Summary())), Button("Home", Link(Home()))),
            ),
        )


def _found(context: Context, since: int, day: date) -> Diff | None:
    line = context.line(0)
    if not line:
        return None
    n = context.here
    return changes(
        line,
        n.judged.checklist,
        min(since, len(line)),
        day,
        context.today,
        n.hidden,
        n.shields if n.veiled else NOTHING,
    )


def _all(found: Diff) -> tuple[DiffLine, ...]:
    return found.answers + found.around


def _signed(context: Context) -> list[Signature]:
    """One signature for each of the last two states that were signed, the newest first."""
    last = {signature.state: signature for signature in context.here.signatures}
    return sorted(last.values(), key=lambda signature: signature.seq, reverse=True)[:2]


def _since(signature: Signature) -> Changes:
    return Changes(signature.seq, "sign", signature.at.date().isoformat())


def _counted(found: Diff) -> str:
    opened = sum(1 for flip in found.flips if flip.opened)
    counts = ((opened, "gap", "opened"), (len(found.flips) - opened, "gap", "closed"), (len(_all(found)), "change", ""))
    return ", ".join(f"{number} {what}{'s' if number != 1 else ''} {how}".strip() for number, what, how in counts) + "."


def _told(context: Context, found: Diff, change: GapFlip | DiffLine) -> str:
    return _change(context, change) if isinstance(change, DiffLine) else _flip(context, change, found.cause(change))


def _flip(context: Context, flip: GapFlip, cause: Happened | None) -> str:
    gap = flip.gap
    mark = MARK[gap.severity] if flip.opened else "✓"
    label = context.here.words(context.item(gap.item).label)
    did = f"{'Opened' if flip.opened else 'Closed'} {gap.severity}"
    return f"{mark} {did}: {label}: {clip(gap.says, 160)}\n({_by(context, cause) or 'by time alone'})"


def _change(context: Context, line: DiffLine) -> str:
    by = f"\n({_by(context, line.last)})" if line.last else ""
    before = f"{clip(line.before, ANSWER)} → " if line.before else ""
    return f"{clip(line.what, 120)}: {before}{clip(line.after, ANSWER)}{by}"


def _by(context: Context, happened: Happened | None) -> str:
    return f"{context.here.name(happened.by)}, {when(happened.at)} {happened.at:%H:%M}" if happened else ""


@dataclass(frozen=True)
class SinceWhen(Place):
    """Asks since which day."""

    code = "Cs"
    verb = Permission.LOOK
    targets = ()
    doubt: str = ""  # a day that can be read in two ways

    def render(self, context: Context) -> Message:
        if self.doubt and isinstance(reading := typed_day(context, self.doubt, past=True), Unsure):
            return Message(
                "What changed since…", reading.ask, (*day_buttons(reading), (Button("Back", Link(Changes())),))
            )
        text = f"Since which day? Type a date. The talks were opened on {when(context.here.opened_at)}."
        return Message("What changed since…", text, ((Button("Back", Link(Changes())),),))

    def handle(self, context: Context, said: Reply) -> Outcome:
        latest = max(context.today, context.own_day)
        match day_said(said, self.doubt, partial(typed_day, context, past=True)):
            case None:
                return super().handle(context, said)
            case Read(value=Day(day=day)) if day <= latest:
                return Outcome(Changes(last_before(context.line(0), day), "date", day.isoformat()))
            case Misread(why=why):
                return Outcome(replace(self, doubt=""), aside=why)
            case Unsure(values=values) if any(isinstance(value, Day) and value.day <= latest for _, value in values):
                return Outcome(replace(self, doubt=said.text if isinstance(said, TextReply) else self.doubt))
            case _:
                return Outcome(
                    replace(self, doubt=""), aside="That day is still to come. Nothing can have changed since."
                )
