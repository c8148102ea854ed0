"""The pictures: as approved, true to the facts, and safe with whatever people type."""

from __future__ import annotations

import io
import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageChops

from bot.domain.answers import UNKNOWN
from bot.domain.checklist import Severity
from bot.domain.events import Assigned, Joined, Role, Signed, Waived
from bot.domain.history.trend import DAYS, FEW, MARKED, Trend, TrendMark, TrendMarkKind, _days, marks, trend
from bot.domain.negotiation import Happened, Negotiation
from bot.domain.projection import after, opened
from bot.domain.readiness.readiness import State, gaps
from bot.domain.report.card import Card, WorstGap, card
from bot.exports.pdf.card import CAPTION, card_png, card_words
from bot.exports.pdf.font_coverage import spans
from bot.exports.pdf.text import END, ISOLATE, LONGEST, lettered
from bot.exports.pdf.trend import trend_png, trend_words
from bot.exports.pdf.typst import HAN, TypstDocument, Undrawable, compiled, drawable, fonts
from tests.api import Hooks
from tests.factories import MONDAY, SMALL, happen, negotiation, real, settled, story
from tests.ready import TALKS, TODAY

pytestmark = pytest.mark.slow

APPROVED = Path(__file__).parent / "approved"
DIFFERENT = 48  # of 255, in a channel: more is no longer how an edge is smoothed
ALLOWED = 0.002  # of the pixels

SCRIPTS = {
    "Latin": "José Müller-Łukasik Đỗ",
    "Cyrillic": "Майя Щербакова Ґалаґан",
    "Greek": "Ελένη Παπαδοπούλου",
    "Chinese": "王毅 習近平 张伟",
    "Japanese": "田中さん カタカナ",
    "Korean": "김철수 이영희",
    "Arabic": "محمد العربي پروین",
    "Hebrew": "דָּוִד בן־גוריון",
    "Devanagari": "अमित शर्मा",
    "symbols": "🌍 🛰 ⛔ ⚠ ✓ ● ▲ ◆ € № §",
}
HOSTILE = [
    '#read("/etc/passwd")',
    '#sys.inputs #import "@preview/x:1.0.0"',
    '"; #panic("x") //',
    "\\u{41} $x^2$ `raw` *bold* _it_ = head <label> @ref [x](y)",
    "a\x00b\x07c\x1b[31md\x7fe",
    "lone \ud800 and \udfff halves",
    "turned \u202eround\u202c and \u2067aside",
    "z" + "\u0301\u0302\u0303" * 40,
    "\ufeff\u200b\u200e",
    "W" * 5000,
    "𓀀𓀁 ꧁ ๛ \U0010ffff \ue000",
    "👩🏽‍🚀 🇨🇳 🏳️‍🌈",
    "محمد" * 300,
    "",
]


def not_ready() -> Card:
    n = negotiation(
        checklist="us-china-space",
        answers={"crewed": "no", "verdict": UNKNOWN},
        rows={"goals": {"r1": {"goal": "Know who decides", "want": "must"}}},
    )
    return card(n, MONDAY + timedelta(days=40))


def ready() -> Card:
    there = card(well_answered(opened_on=TODAY)[0], TODAY)
    assert there.state == State.READY
    return there


def scripts() -> Card:
    n = negotiation(
        checklist="bilateral",
        counterpart="محمد العربي · דָּוִד · 王毅 🚀",
        subject="田中さんと김철수, Майя, Ελένη и очень длинное название переговоров о мостах и дорогах",
        people=("Майя Иванова", "김철수"),
        given={"asset": "水", "partners": "ESA", "allies": "日本", "neighbours": "नेपाल"},
        waived={"mandate": "x", "price": "y"},
    )
    n = happen(n, Assigned(target="goals", people=("김철수",)), by="김철수")
    return card(n, MONDAY + timedelta(days=60))


def well_answered(opened_on: date = MONDAY) -> tuple[Negotiation, tuple[Happened, ...]]:
    told = {"counterpart": "Samplia", "subject": "the sample exchange"}
    return settled("us-china-space", talks_on=TALKS, opened_on=opened_on, **told)


def prepared() -> Trend:
    """Ten weeks in which a little is settled every day, and three blockers are waived for five of them."""
    _, line = well_answered()
    spread = [replace(one, at=one.at + timedelta(days=nth * 1.2)) for nth, one in enumerate(line)]
    before = _as_of(spread, date(2026, 11, 26))
    blocking = [gap for gap in gaps(before, date(2026, 11, 26)) if gap.waivable and gap.severity == Severity.BLOCKER]
    accepted = [
        Waived(gap=gap.key, reason="In hand.", until=date(2027, 1, 2), severity=gap.severity) for gap in blocking[-3:]
    ]
    first, rest = spread[: before.seq], spread[before.seq :]
    signed = {date(2026, 12, 20): ("maya", "go"), date(2026, 12, 30): ("omar", "no_go")}
    line = [
        *first,
        *(replace(rest[0], event=one) for one in accepted),
        *rest,
        *(
            Happened(0, datetime.combine(day, time(18), UTC), by, Signed(state="", verdict=verdict, words="Too early."))
            for day, (by, verdict) in signed.items()
        ),
    ]
    today = date(2027, 1, 10)
    there = sorted((one for one in line if one.at.date() <= today), key=lambda one: one.at)
    told = [replace(one, seq=seq) for seq, one in enumerate(there, start=1)]
    return trend(told, real("us-china-space"), today, marks=marks(_as_of(told, today)))


PICTURES = {
    "not-ready": lambda: card_png(not_ready()),
    "ready": lambda: card_png(ready()),
    "scripts": lambda: card_png(scripts()),
    "trend": lambda: trend_png(prepared()),
}


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_looks_as_it_was_approved(name: str, tmp_path: Path, *, update: bool) -> None:
    """Look at what `pytest --update` wrote before it is committed."""
    drawn = Image.open(io.BytesIO(PICTURES[name]())).convert("RGB")
    approved = APPROVED / f"{name}.png"
    if update:
        drawn.quantize(64, dither=Image.Dither.NONE).save(approved, optimize=True)
    wanted = Image.open(approved).convert("RGB")
    assert drawn.width == 1080
    assert drawn.size == wanted.size
    apart = ImageChops.difference(drawn, wanted).convert("L").point(lambda value: 255 if value > DIFFERENT else 0)
    drawn.save(tmp_path / "drawn.png")
    assert apart.histogram()[255] <= ALLOWED * drawn.width * drawn.height, f"see {tmp_path / 'drawn.png'}"


def test_another_picture_would_be_noticed() -> None:
    """Two settled items more are seen by the comparison above."""
    before = not_ready()
    first, *others = before.bars
    after = replace(before, bars=(replace(first, settled=first.settled + 2), *others))
    one, two = (Image.open(io.BytesIO(card_png(each))).convert("RGB") for each in (before, after))
    apart = ImageChops.difference(one, two).convert("L").point(lambda value: 255 if value > DIFFERENT else 0)
    assert apart.histogram()[255] > ALLOWED * one.width * one.height


def test_the_words_say_what_the_card_shows() -> None:
    assert card_words(scripts()).splitlines() == [
        (
            "Readiness for talks with محمد العربي · דָּוִד · 王毅 🚀 on 田中さんと김철수, Майя, Ελένη и очень длинное "
            "название переговоров о мостах и дорогах, 1 January 2027."
        ),
        "Not ready. T−59, talks on 1 March 2027.",
        (
            "Settled: Demand transparency 0 of 10, Limit expectations 0 of 12, Consult allies and partners 0 of 3, "
            "Authority and decision 0 of 11."
        ),
        "Open: 14 blockers, 15 major gaps (16 before waivers), 10 minor gaps.",
        (
            "Worst gap: Our goals: No must-have goal has a current approval (blocker). Owner: 김철수, "
            "due 31 December 2026, late."
        ),
    ]


@given(text=st.text(max_size=4000), count=st.integers(0, 40))
def test_the_words_fit_a_caption(text: str, count: int) -> None:
    """Whatever people wrote, and however many sections a checklist has."""
    there = not_ready()
    worst = WorstGap(Severity.MAJOR, text, text, (text,) * 3, TODAY, late=True)
    long = replace(
        there, counterpart=text, subject=text, worst=worst, bars=(replace(there.bars[0], title=text),) * count
    )
    assert len(card_words(long).encode("utf-16-le", "surrogatepass")) // 2 <= CAPTION


def test_nowhere_is_a_percentage() -> None:
    """It could hide a blocker."""
    templates = "".join(path.read_text() for path in Path("bot/exports/pdf/templates").glob("*.typ"))
    assert '%"' not in templates
    assert "%" not in card_words(not_ready()) + trend_words(prepared())


@pytest.mark.prove
@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_whatever_people_type_is_drawn(text: str) -> None:
    """As text: no markup, no file, no error."""
    worst = WorstGap(Severity.BLOCKER, text, text, (text,), None, late=False)
    drawn = card_png(replace(not_ready(), counterpart=text, subject=text, worst=worst))
    assert Image.open(io.BytesIO(drawn)).width == 1080
    assert trend_png(replace(prepared(), counterpart=text, marks=(TrendMark(TODAY, text, TrendMarkKind.GATE),)))


@given(text=st.text(st.characters(codec=None), max_size=300))
def test_any_text_can_be_drawn(text: str) -> None:
    there = not_ready()
    card_png(replace(there, counterpart=text, subject=text[::-1]))


@given(text=st.text(st.characters(codec=None), max_size=200))
def test_text_is_set_without_what_disturbs_its_neighbours(text: str) -> None:
    """One line, characters that a font has, isolated where it runs to the left."""
    made = lettered(text, drawable)
    inside = made.removeprefix(ISOLATE).removesuffix(END)
    assert json.loads(json.dumps(made).encode()) == made
    assert not set(inside) & set("\n\r\t\x00\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
    assert all(drawable(one) or one in "\u200c\u200d" for one in inside if one != " ")


def test_markup_is_drawn_as_text() -> None:
    """A name that would be code in a template takes the context of its letters."""
    there = not_ready()
    as_code = card_png(replace(there, counterpart="#emph[x]"))
    assert as_code != card_png(replace(there, counterpart="x"))
    assert lettered('#read("/etc/passwd")', drawable) == '#read("/etc/passwd")'


@pytest.mark.parametrize("script", SCRIPTS)
def test_the_fonts_have_every_letter(script: str) -> None:
    assert [one for one in SCRIPTS[script] if one != " " and not drawable(one)] == []


def test_each_script_is_drawn_from_a_font_that_has_it() -> None:
    """No letter comes out as the box of a missing one: each text looks different from as many boxes."""
    there = not_ready()
    box = card_png(replace(there, counterpart="\U000f0000"))
    drawn = {script: card_png(replace(there, counterpart=text)) for script, text in SCRIPTS.items()}
    assert len({box, *drawn.values()}) == len(SCRIPTS) + 1


@pytest.mark.parametrize(
    ("typed", "set_as"),
    [
        ("Maya 🚀", "Maya [rocket]"),
        ("🇨🇳 delegation", "CN delegation"),
        ("👩🏽‍🚀", "[woman][rocket]"),
        ("❤️", "❤"),
        ("one\ntwo\tthree", "one two three"),
        ("ไทย", "▯"),
        ("دانش‌آموز", f"{ISOLATE}دانش‌آموز{END}"),
        ("\ud83c\udf0d", "🌍"),
        ("e\u0301", "é"),
    ],
)
def test_what_cannot_be_drawn_is_named(typed: str, set_as: str) -> None:
    assert lettered(typed, drawable) == set_as


def test_the_characters_of_a_font_are_all_found() -> None:
    """As another reader of fonts finds them; it comes with the packages of fonts."""
    from fontTools.ttLib import TTFont

    for path in fonts():
        number = HAN if path.suffix == ".ttc" else 0
        with TTFont(path, fontNumber=number, lazy=True) as font:
            wanted = set(font.getBestCmap())
        assert {one for start, end in spans(path, number) for one in range(start, end + 1)} == wanted


def test_a_text_without_end_is_cut() -> None:
    assert len(lettered("ж" * 100_000, drawable)) <= LONGEST


def test_a_fault_of_a_template_quotes_nobody(tmp_path: Path, faults: Hooks) -> None:
    """What people typed does not come into the log."""
    (tmp_path / "wrong.typ").write_text("#let data = json(bytes(sys.inputs.data))\n#data.missing")
    faults.on("templates_in", tmp_path)
    with ThreadPoolExecutor(1) as thread, pytest.raises(Undrawable) as fault:
        thread.submit(compiled, TypstDocument("wrong.typ", {"name": "a secret"}), "png").result()
    assert "wrong.typ" in str(fault.value)
    assert "a secret" not in str(fault.value)


def test_two_threads_draw_the_same() -> None:
    there = [ready(), not_ready()] * 4
    with ThreadPoolExecutor(2) as threads:
        drawn = list(threads.map(card_png, there))
    assert len(set(drawn)) == 2


def test_a_page_is_a_pdf_too() -> None:
    """The same templates and fonts serve documents."""
    page = TypstDocument("style.typ", {"a": "王毅"})
    assert compiled(page, "pdf").startswith(b"%PDF")


# The trend


def test_a_day_shows_what_was_open_at_its_end() -> None:
    """Each day as it was judged then, in the state it was in then."""
    _, line = well_answered()
    on = MONDAY + timedelta(days=30)
    spread = [replace(one, at=one.at + timedelta(days=nth // 3)) for nth, one in enumerate(line)]
    for tally in trend(spread, real("us-china-space"), on).tallies:
        then = _as_of(spread, tally.day)
        found = gaps(then, tally.day)
        assert [(one.severity, one.open, one.raw) for one in tally.counts] == [
            (
                severity,
                sum(gap.severity == severity and gap.waiver is None for gap in found),
                sum(gap.severity == severity for gap in found),
            )
            for severity in Severity
        ]


def _as_of(line, day):
    n = opened(line[0], real("us-china-space"))
    for one in line[1:]:
        if one.at.date() <= day:
            n = after(n, one)
    return n


@given(length=st.integers(0, 2000), most=st.integers(FEW, DAYS))
def test_the_days_looked_at_are_bounded(length: int, most: int) -> None:
    """The first and the last are among them, in order, none twice."""
    days = list(_days(MONDAY, MONDAY + timedelta(days=length), most))
    assert (days[0], days[-1]) == (MONDAY, MONDAY + timedelta(days=length))
    assert days == sorted(set(days))
    assert len(days) <= most + 1


def test_a_past_day_is_judged_once() -> None:
    _, line = story()
    known: dict = {}
    first = trend(line, SMALL, MONDAY + timedelta(days=5), known=known)
    before = dict(known)
    again = trend(line, SMALL, MONDAY + timedelta(days=6), known=known)
    assert again.tallies[:-1] == first.tallies
    assert len(known) == len(before) + 1


@pytest.mark.parametrize("day", [MONDAY - timedelta(days=3), MONDAY, TALKS, TALKS + timedelta(days=400)])
def test_a_trend_is_drawn_on_any_day(day: date) -> None:
    """Before it was opened, on its first day, on that of the talks, long after."""
    _, line = well_answered()
    there = trend(line, real("us-china-space"), day)
    assert there.tallies[-1].day == day
    assert Image.open(io.BytesIO(trend_png(there))).width == 1080
    assert f"{day.day} {day:%B %Y}" in trend_words(there)


def test_signatures_and_gates_are_marked() -> None:
    """Each day on which leads signed, for a go or against one, and the days of the gates."""
    n = happen(negotiation(), Joined(person="lena", name="Lena", role=Role.LEAD))
    for day, who, verdict in (
        (1, "Maya", "no_go"), (9, "Maya", "go"), (9, "Lena", "conditional"), (9, "Lena", "go"), (12, "Lena", "go"),
    ):  # fmt: skip
        at = datetime(2027, 1, day, 10, tzinfo=UTC)
        n = happen(n, Signed(state="", verdict=verdict, words="Later."), by=who, at=at)
    assert marks(n) == (
        TrendMark(date(2027, 1, 1), "Maya against", TrendMarkKind.DISSENT),
        TrendMark(date(2027, 1, 9), "2 signed", TrendMarkKind.SIGN_OFF),
        TrendMark(date(2027, 1, 12), "Lena signed", TrendMarkKind.SIGN_OFF),
        TrendMark(date(2027, 1, 30), "T−30", TrendMarkKind.GATE),
        TrendMark(date(2027, 2, 22), "T−7", TrendMarkKind.GATE),
        TrendMark(date(2027, 2, 28), "T−1", TrendMarkKind.GATE),
    )


def test_of_many_days_with_signatures_the_latest_are_marked() -> None:
    n = negotiation()
    for day in range(1, 21):
        n = happen(n, Signed(state="", verdict="go"), by="Maya", at=datetime(2027, 1, day, tzinfo=UTC))
    signed = [one.day.day for one in marks(n) if one.sort == TrendMarkKind.SIGN_OFF]
    assert signed == list(range(21 - MARKED, 21))
