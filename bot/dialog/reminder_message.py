"""What a reminder says: one message with all that a person is to be told at a time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from bot.dialog.answer_slot import MARK, clip, when
from bot.dialog.contract import Button, Context, Link, Message
from bot.dialog.screens.export import ExportPage
from bot.dialog.screens.home import NextForMe, state_line
from bot.dialog.screens.item import at
from bot.dialog.screens.reminder_settings import ReminderSettings
from bot.dialog.screens.retention import RetentionSettings, kept_words
from bot.dialog.screens.summary import Gaps, Summary, line
from bot.domain.checklist import Severity
from bot.domain.readiness.gates import GateStatus
from bot.domain.reminders import DigestNotice, DueItem, DueNotice, EndNotice, GapCounts, GateNotice, Notice
from bot.domain.wording.history import told

SHOWN = 5  # charges in one message; the others are counted
HOLDING = 3  # of a gate's gaps
NEWS = 6


def reminder(context: Context, notices: tuple[Notice, ...], on: date) -> Message:
    """One message for all of a person's notices about these talks, as of their own day."""
    if any(isinstance(notice, DigestNotice) for notice in notices):  # which says what is theirs as well
        notices = tuple(notice for notice in notices if not isinstance(notice, DueNotice))
    parts = [_said(context, notice, on) for notice in notices]
    title = next((_title(context, notice) for notice in notices), "")
    yours = next((notice.charges for notice in notices if isinstance(notice, DueNotice | DigestNotice)), ())
    picks = [
        Button(clip(context.item(charge.item).label, 30), Link(at(context.item(charge.item))))
        for charge in yours[:SHOWN]
    ]
    rows = [tuple(picks[start : start + 2]) for start in range(0, len(picks), 2)]
    rows.append((Button("Continue", Link(NextForMe())), *_look(notices), Button("Reminders", Link(ReminderSettings()))))
    return Message(title, "\n\n".join(parts), tuple(rows))


def in_other_talks(context: Context, shown: Message) -> str:
    """That there is a reminder, for who stands in other talks: what it says belongs to its own."""
    talks = context.here.counterpart
    title = shown.title if talks in shown.title else f"Talks with {talks}: {shown.title}"
    return f"{title}. Open them to see what is open."


def _look(notices: tuple[Notice, ...]) -> Iterator[Button]:
    if any(isinstance(notice, GateNotice) for notice in notices):
        yield Button("Gaps", Link(Gaps()))
    if any(isinstance(notice, EndNotice) for notice in notices):
        yield Button("Keep them longer", Link(RetentionSettings()))
        yield Button("Take away", Link(ExportPage()))
    if any(isinstance(notice, DigestNotice) for notice in notices):
        yield Button("Summary", Link(Summary()))


def _title(context: Context, notice: Notice) -> str:
    match notice:
        case DueNotice():
            return f"Reminder: talks with {context.here.counterpart}"
        case GateNotice(passing=passing):
            return f"Gate: {context.here.words(passing.gate.label)}"
        case EndNotice():
            return f"Talks with {context.here.counterpart} are to be destroyed"
        case DigestNotice():
            return f"Today: talks with {context.here.counterpart}"


def _said(context: Context, notice: Notice, on: date) -> str:
    match notice:
        case DueNotice(charges=charges):
            return "\n".join(["Yours, worst first:", *_charges(context, charges, on)])
        case GateNotice(passing=passing):
            return "\n".join(_gate(context, passing, on))
        case EndNotice(day=day):
            return (
                f"From {when(day)} on these talks are destroyed with all that was said in them, as "
                f"{kept_words(context.here)}. Nobody can bring them back. "
                "Take them away as a file before, or keep them longer."
            )
        case DigestNotice():
            return "\n".join(_digest(context, notice, on))


def _charges(context: Context, charges: tuple[DueItem, ...], on: date) -> Iterator[str]:
    for charge in charges[:SHOWN]:
        more = f" (and {charge.more} more)" if charge.more else ""
        waived = f" · its waiver ended on {when(charge.lapsed)}" if charge.lapsed else ""
        label = context.here.words(context.item(charge.item).label)
        yield f"{MARK[charge.severity]} {label}: {clip(charge.says, 160)}{more}{_by(charge.due, on)}{waived}"
    if len(charges) > SHOWN:
        yield f"… and {len(charges) - SHOWN} more."


def _by(due: date | None, on: date) -> str:
    """When something is due, as people say it."""
    if due is None:
        return ""
    left = (due - on).days
    if left < 0:
        return f" · due {when(due)}, {-left} day{'s' if left < -1 else ''} ago"
    return f" · due {['today', 'tomorrow'][left] if left < 2 else f'in {left} days, on {when(due)}'}"


def _gate(context: Context, passing: GateStatus, on: date) -> Iterator[str]:
    left = (passing.on - on).days
    day = f"T-{passing.gate.days}, {when(passing.on)}"
    ago = f"was {-left} day{'s' if left < -1 else ''} ago"
    stands = ago if left < 0 else f"is {['today', 'tomorrow'][left]}" if left < 2 else f"is in {left} days"
    yield f"The gate “{context.here.words(passing.gate.label)}” ({day}) {stands}."
    if passing.open:
        yield "✓ Nothing keeps it shut."
        return
    yield f"{len(passing.holding)} gap{'s keep' if len(passing.holding) > 1 else ' keeps'} it shut, worst first:"
    yield from (line(context, gap) for gap in passing.holding[:HOLDING])
    if len(passing.holding) > HOLDING:
        yield f"… and {len(passing.holding) - HOLDING} more."


def counted(counts: GapCounts, before: GapCounts | None = None) -> Iterator[str]:
    """The open gaps by severity, a line each, with what they were before where that is known."""
    for severity in Severity:
        now, was = getattr(counts, severity), getattr(before, severity) if before else None
        yield f"{MARK[severity]} {severity}: {now} open" + (f" (was {was})" if was not in {None, now} else "")


def _digest(context: Context, notice: DigestNotice, on: date) -> Iterator[str]:
    yield state_line(context.here, on)
    yield from counted(notice.counts, notice.before)
    yield ""
    yield "New since the last digest:" if notice.before else "New since yesterday:"
    yield from (f"· {clip(told(context.here, happened), 140)}" for happened in notice.news[-NEWS:])
    if len(notice.news) > NEWS:
        yield f"… and {len(notice.news) - NEWS} more."
    if not notice.news:
        yield "Nothing."
    yield ""
    yield "Yours, worst first:" if notice.charges else "Nothing is yours at present."
    yield from _charges(context, notice.charges, on)
