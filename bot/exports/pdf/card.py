"""The readiness card: as a picture, and the same facts in words for those who cannot see it."""

from __future__ import annotations

from collections.abc import Iterable

from bot.domain.checklist import Severity
from bot.domain.report.card import Card, SectionBar, WorstGap
from bot.domain.report.model import ReportGapCount
from bot.domain.wording.history import spelled
from bot.exports.pdf.typst import Data, TypstDocument, compiled

CAPTION = 1024  # UTF-16 units; Bot API, sendPhoto.caption
NAME, SAYS, OWNER = 80, 160, 120  # characters that the words give to what people typed
LINE = 150  # characters; more than fit on a line of the card, which cuts to what does
PLURAL = {Severity.BLOCKER: "blockers", Severity.MAJOR: "major gaps", Severity.MINOR: "minor gaps"}
SINGLE = {Severity.BLOCKER: "blocker", Severity.MAJOR: "major gap", Severity.MINOR: "minor gap"}


def card_png(card: Card) -> bytes:
    """The card as a PNG, 1080 pixels wide."""
    data: dict[str, Data] = {
        "counterpart": clip(card.counterpart, LINE),
        "subject": clip(card.subject, LINE),
        "state": str(card.state),
        "raw": f"without waivers: {card.raw}" if card.raw != card.state else None,
        "left": countdown(card.days_left),
        "talks": f"Talks {short(card)}",
        "bars": [{"title": clip(bar.title, LINE), "settled": bar.settled, "total": bar.total} for bar in card.bars],
        "counts": [_count(count) for count in card.counts],
        "worst": _worst(card.worst) if card.worst else None,
        "on": f"As of {spelled(card.on)}" + ("" if card.whole else ". Only the sections you see."),
    }
    return compiled(TypstDocument("card.typ", data), "png")


def card_words(card: Card) -> str:
    """What the card shows, in words and lines; at most as long as a caption."""
    raw = f" Without waivers: {card.raw}." if card.raw != card.state else ""
    lines = [
        *([] if card.whole else ["Of the sections you see:"]),
        f"Readiness for talks with {clip(card.counterpart, NAME)} on {clip(card.subject, NAME)}, {spelled(card.on)}.",
        f"{str(card.state).capitalize()}.{raw} {countdown(card.days_left)}, talks on {spelled(card.talks_on)}.",
        f"Settled: {_bars(card.bars)}.",
        f"Open: {', '.join(_counted(count) for count in card.counts)}.",
        _worst_words(card.worst) if card.worst else "Nothing is open.",
    ]
    return fitting("\n".join(lines))


def countdown(days_left: int) -> str:
    """Days to the talks as staff write them: T−28, and T+3 afterwards."""
    return f"T−{days_left}" if days_left > 0 else "T+0" if days_left == 0 else f"T+{-days_left}"


def short(card: Card) -> str:
    """The day of the talks, in the room a card has."""
    if card.days_left == 0:
        return "today"
    return f"{card.talks_on.day} {card.talks_on:%b %Y}"


def named(count: int, severity: Severity) -> str:
    """A severity's gaps by their number: blocker, blockers."""
    return SINGLE[severity] if count == 1 else PLURAL[severity]


def clip(text: str, length: int) -> str:
    """A text on one line, cut with a sign where it is longer."""
    text = " ".join(text.split())
    return text if len(text) <= length else f"{text[: length - 1].rstrip()}…"


def fitting(text: str) -> str:
    """The words cut to what a caption takes."""
    units = text.encode("utf-16-le", "surrogatepass")
    if len(units) <= 2 * CAPTION:
        return text
    return units[: 2 * (CAPTION - 1)].decode("utf-16-le", "ignore") + "…"


def _count(count: ReportGapCount) -> dict[str, Data]:
    before = f"{count.raw} before waivers" if count.raw != count.open else "none waived"
    return {
        "severity": str(count.severity),
        "open": count.open,
        "name": named(count.open, count.severity),
        "before": before,
    }


def _worst(worst: WorstGap) -> dict[str, Data]:
    due = f"due {worst.due.day} {worst.due:%b}{', late' if worst.late else ''}" if worst.due else ""
    return {
        "severity": str(worst.severity),
        "item": clip(worst.item, LINE),
        "says": clip(worst.says, 2 * LINE),
        "owner": clip(_owner(worst), LINE),
        "due": due,
    }


def _owner(worst: WorstGap) -> str:
    return f"Owner: {', '.join(worst.owners)}" if worst.owners else "Nobody has it yet"


def _bars(bars: Iterable[SectionBar]) -> str:
    return ", ".join(f"{clip(bar.title, NAME)} {bar.settled} of {bar.total}" for bar in bars)


def _counted(count: ReportGapCount) -> str:
    waived = f" ({count.raw} before waivers)" if count.raw != count.open else ""
    return f"{count.open} {named(count.open, count.severity)}{waived}"


def _worst_words(worst: WorstGap) -> str:
    due = f", due {spelled(worst.due)}{', late' if worst.late else ''}" if worst.due else ""
    says = clip(worst.says, SAYS).rstrip(".")
    return f"Worst gap: {clip(worst.item, NAME)}: {says} ({worst.severity}). {clip(_owner(worst), OWNER)}{due}."
