"""The trend of the open gaps: as a picture, and in words for those who cannot see it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from bot.domain.history.trend import DayCount, Trend, TrendMark
from bot.domain.report.model import ReportGapCount
from bot.domain.wording.history import spelled
from bot.exports.pdf.card import LINE, NAME, clip, countdown, fitting, named
from bot.exports.pdf.typst import Data, TypstDocument, compiled

TICKS = 5  # numbers on the axis, beside 0
MONTHS = 8  # named on the axis; of a longer time every second is, or every third
MARKS = 6  # told in words
EDGE = 0.04  # of the width: closer to the ends there is no room for a month's name


def trend_png(trend: Trend) -> bytes:
    """The trend as a PNG, 1080 pixels wide."""
    first, last = trend.opened_on, max(trend.on, trend.talks_on)
    span = max((last - first).days, 1)
    ticks = _ticks(max(count.raw for tally in trend.tallies for count in tally.counts))
    data: dict[str, Data] = {
        "counterpart": clip(trend.counterpart, LINE),
        "span": span,
        "today": (trend.on - first).days,
        "talks": max((trend.talks_on - first).days, 0),
        "ticks": ticks,
        "top": ticks[-1],
        "series": [_series(trend, nth) for nth in range(len(trend.tallies[-1].counts))],
        "marks": [
            {"day": (mark.day - first).days, "label": clip(mark.label, NAME), "sort": str(mark.sort)}
            for mark in trend.marks
            if first <= mark.day <= last
        ],
        "months": list(_months(first, last)),
        "days": [{"day": max((day - first).days, 0), "label": label} for day, label in _days(trend)],
        "note": f"As of {spelled(trend.on)}." + (" Thin lines: before waivers." if _waived(trend) else ""),
    }
    return compiled(TypstDocument("trend.typ", data), "png")


def trend_words(trend: Trend) -> str:
    """What the picture shows, in words and lines; at most as long as a caption."""
    first, last = trend.tallies[0], trend.tallies[-1]
    peak = max(trend.tallies, key=lambda tally: sum(count.open for count in tally.counts))
    left = (trend.talks_on - trend.on).days
    lines = [
        f"Open gaps in the talks with {clip(trend.counterpart, NAME)}, day by day.",
        f"At the opening, {spelled(first.day)}: {_told(first)}.",
        *([f"At most, {spelled(peak.day)}: {_told(peak)}."] if peak not in {first, last} else []),
        f"Today, {spelled(last.day)}: {_told(last)}.",
        f"{countdown(left)}, talks on {spelled(trend.talks_on)}.",
        *(
            f"{mark.sort.capitalize()} on {spelled(mark.day)}: {clip(mark.label, NAME)}."
            for mark in _latest(trend.marks)
        ),
    ]
    return fitting("\n".join(lines))


def _latest(marks: tuple[TrendMark, ...]) -> list[TrendMark]:
    return sorted(marks, key=lambda mark: mark.day)[-MARKS:]


def _told(tally: DayCount) -> str:
    return ", ".join(
        f"{count.open} {named(count.open, count.severity)}{_before(count, ' (', ')')}" for count in tally.counts
    )


def _before(count: ReportGapCount, opening: str = "", end: str = "") -> str:
    return f"{opening}{count.raw} before waivers{end}" if count.raw != count.open else ""


def _series(trend: Trend, nth: int) -> dict[str, Data]:
    now = trend.tallies[-1].counts[nth]
    points = [((tally.day - trend.opened_on).days, tally.counts[nth]) for tally in trend.tallies]
    return {
        "severity": str(now.severity),
        "name": named(now.open, now.severity),
        "open": now.open,
        "before": _before(now) or "none waived",
        "waived": any(count.raw != count.open for _, count in points),
        "points": [[day, count.open, count.raw] for day, count in points],
    }


def _waived(trend: Trend) -> bool:
    return any(count.raw != count.open for tally in trend.tallies for count in tally.counts)


def _ticks(highest: int) -> list[int]:
    """Round numbers for the axis, from 0 to one that is not below the highest count."""
    step = next(
        step for ten in (10**n for n in range(9)) for step in (ten, 2 * ten, 5 * ten) if step * TICKS >= highest
    )
    return list(range(0, max(-(-highest // step), 1) * step + 1, step))


def _months(first: date, last: date) -> Iterator[dict[str, Data]]:
    starts, day = [], first.replace(day=1)
    while day <= last:
        starts.append(day)
        day = (day + timedelta(days=32)).replace(day=1)
    edge = EDGE * (last - first).days
    for day in starts[:: len(starts) // MONTHS + 1]:
        if edge <= (day - first).days <= (last - first).days - edge:
            name = f"{day:%b %Y}" if day.month == 1 and len(starts) > 3 else f"{day:%b}"
            yield {"day": (day - first).days, "name": name}


def _days(trend: Trend) -> Iterator[tuple[date, str]]:
    if trend.on == trend.opened_on < trend.talks_on:
        yield trend.on, f"opened today, {_short(trend.on)}"
        yield trend.talks_on, f"talks {_short(trend.talks_on)}"
        return
    yield trend.opened_on, f"opened {_short(trend.opened_on)}"
    if trend.on == trend.talks_on:
        yield trend.on, f"talks today, {_short(trend.on)}"
        return
    yield trend.on, f"today {_short(trend.on)}"
    yield trend.talks_on, f"talks {_short(trend.talks_on)}"


def _short(day: date) -> str:
    return f"{day.day} {day:%b}"
