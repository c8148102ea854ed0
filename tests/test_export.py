"""What is taken away: Markdown to read, and JSON that goes back in."""

from __future__ import annotations

import json
import re
import string
import time
import tracemalloc
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.application.documents import document
from bot.dialog.contract import DocumentRequest
from bot.domain.answers import UNKNOWN, Text
from bot.domain.events import Answered, Evidence, EvidenceAdded
from bot.domain.negotiation import Happened
from bot.domain.readiness.readiness import gaps
from bot.domain.report.builder import report
from bot.domain.wording.history import told
from bot.exports.json.archive import Portable, PortableError, PortableFile, dump, load, schema
from bot.exports.markdown import inert, markdown, visible
from tests.factories import SMALL, happened, negotiation, story
from tests.test_fold import SOON, fold, lines

NOW = datetime(2026, 12, 20, 12, tzinfo=UTC)
SCHEMA = Path(__file__).parents[1] / "schemas" / "negotiation-1.schema.json"
PUNCTUATION = re.escape(string.punctuation)  # what a backslash takes the meaning from; CommonMark, 2.4
NASTY = st.text(
    alphabet=st.characters(exclude_categories=()) | st.sampled_from("|`*_#<>&\\\n\r\t -1.[]()~$@w:/=+\x00\u202e"),
    max_size=40,
)


def again(portable: Portable) -> str:
    return dump(portable.happened(), portable.checklist, portable.files)


def sample() -> str:
    n, line = story(
        answers={"mandate": UNKNOWN, "rung": "contacts", "budget": "1.50"},
        rows={"asks": {"r1": {"ask": "Sample ask", "topic": "budget", "goal": None}}},
        waived={"mandate": "The letter is signed."},
    )
    file = Evidence(id="f1", form="file", text="letter.pdf", size=3)
    line = (*line, happened(n, EvidenceAdded(item="mandate", evidence=file)))
    return dump(line, SMALL, [PortableFile("f1", "letter.pdf", "application/pdf", b"\x00\xff!")])


def test_a_complete_file_says_who_took_it_away_and_when() -> None:
    """It comes in the same with that and without."""
    n, line = story(answers={"rung": "contacts"})
    at = datetime(2026, 11, 23, 14, 5, tzinfo=timezone(timedelta(hours=2)))
    brought = document(DocumentRequest("json"), n, line, lambda _: None, at, 'Ma\u00e9lle "M"')
    assert json.loads(brought.body)["exported"] == {"by": 'Ma\u00e9lle "M"', "at": "2026-11-23T12:05:00Z"}
    assert again(load(brought.body.decode())) == dump(line, SMALL, [])


@pytest.mark.parametrize("header", [{"by": "Maya"}, {"by": "Maya", "at": "2026-11-23"}, {"by": 1, "at": "x"}, "Maya"])
def test_a_header_of_another_form_is_refused_with_its_place(header: object) -> None:
    data = json.loads(sample())
    with pytest.raises(PortableError, match=r"at exported"):
        load(json.dumps(data | {"exported": header}))


def shown(text: str) -> str:
    """What a reader of Markdown sees of inert text."""
    text = text.replace("<br>", "\n").replace("&nbsp;", " ").replace("&emsp;", "\t")
    return re.sub(rf"\\([{PUNCTUATION}])", r"\1", text)


def table_of(text: str, first: str) -> list[str]:
    return [line for line in text.splitlines() if line.startswith(f"| {first}")]


@given(NASTY)
def test_text_in_markdown_is_whole_and_inert(text: str) -> None:
    """Every character is there, on one line, and none has a meaning."""
    escaped = inert(text)
    assert shown(escaped) == visible(text)
    assert "\n" not in escaped
    bare = re.sub(rf"\\[{PUNCTUATION}]|<br>|&nbsp;|&emsp;", "", escaped)
    assert not re.search(r"[\\`*_\[\]<>|~&$@]", bare)
    assert not re.match(r"[#+=-]|\d{1,9}[.)]|[ \t]", escaped)
    escaped.encode()


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("# Title", r"\# Title"),
        ("1. one", r"1\. one"),
        ("a | b\nc", r"a \| b<br>c"),
        ("<script>", r"\<script\>"),
        ("`rm`", r"\`rm\`"),
        ("nul\x00 bell\x07", "nul␀ bell␇"),
        ("abc\u202edef", r"abc\[U+202E\]def"),
        ("half \ud800", "half �"),
        ("https://a.example", r"https\://a.example"),
        ("www.a.example", r"www\.a.example"),
        ("    code", "&nbsp;&nbsp;&nbsp;&nbsp;code"),
        ("3-4 of 5.5", "3-4 of 5.5"),
    ],
)
def test_typed_text_has_no_meaning_in_markdown(typed: str, written: str) -> None:
    """Markup, HTML, links and controls are shown, not obeyed."""
    assert inert(typed) == written


def test_pipes_and_line_breaks_stay_inside_their_cell() -> None:
    """A table keeps its columns whatever is typed into it."""
    n = negotiation(rows={"asks": {"r1": {"ask": "a | b\n| c |", "topic": "budget", "goal": UNKNOWN}}})
    [line] = table_of(markdown(report(n, NOW, "Maya")), "a ")
    assert line == r"| a \| b<br>\| c \| | budget | *unknown* |"


def test_a_wide_table_is_read_row_by_row() -> None:
    """Columns beyond what a page holds become a list, blanks named at its end."""
    text = markdown(report(negotiation(checklist="us-china-space"), NOW, "Maya"))
    widest = max(line.count(" | ") for line in text.splitlines() if line.startswith("|"))
    assert widest < 4
    assert "- Party: " in text
    assert "- *Blank: " in text


def test_the_document_says_the_verdict_both_ways_and_no_percentage() -> None:
    """Raw and after waivers, settled of total, and each gap with its mend."""
    n, line = story(answers={"mandate": UNKNOWN}, waived={"mandate": "The letter is signed."})
    text = markdown(report(n, NOW, "Maya", line))
    assert "**Not ready.** Without waivers: not ready." in text
    assert "Waived until 1 March 2027 by Maya" in text
    assert "- **Mandate**: Who sends us?" in text
    assert "%" not in text
    assert told(n, line[0]) in text


@pytest.mark.slow
@given(lines())
def test_a_negotiation_dumps_and_loads_equal(line: tuple[Happened, ...]) -> None:
    """The same events, gaps and report, and the same text once more."""
    text = dump(line, SMALL, [])
    portable = load(text)
    assert portable.events == line
    assert again(portable) == text
    there, here = portable.negotiation(), fold(line)
    assert gaps(there, SOON) == gaps(here, SOON)
    assert report(there, NOW, "Maya", portable.events) == report(here, NOW, "Maya", line)
    markdown(report(there, NOW, "Maya")).encode()


@pytest.mark.parametrize("checklist", ["us-china-space", "bilateral", "humanitarian"])
def test_the_checklists_that_come_with_the_bot_go_through_whole(checklist: str) -> None:
    """A checklist read back is the same text, by its digest."""
    n, line = story(checklist=checklist)
    text = dump(line, n.checklist, [])
    assert load(text).checklist.digest == n.checklist.digest
    assert again(load(text)) == text


def test_files_come_back_to_the_byte() -> None:
    """What was evidence stays evidence."""
    portable = load(sample())
    assert portable.files == (PortableFile("f1", "letter.pdf", "application/pdf", b"\x00\xff!"),)
    assert again(portable) == sample()


def test_half_a_surrogate_pair_is_written_as_a_replacement() -> None:
    """Such a text is no Unicode; the file is, and goes through from then on."""
    n, line = story()
    half = happened(n, Answered(item="minimum", answer=Text(text="a\ud800b")))
    text = dump((*line, half), SMALL, [])
    text.encode()
    assert "a�b" in text
    assert again(load(text)) == text


def at(*path: str | int, put: object) -> Callable[[Any], None]:
    def change(data: Any) -> None:
        for step in path[:-1]:
            data = data[step]
        data[path[-1]] = put

    return change


NAMED = {"id": "f2", "name": "", "mime": "", "sha256": "0" * 64, "body": ""}


@pytest.mark.parametrize(
    ("change", "where"),
    [
        (at("format", put="other"), "format"),
        (at("version", put=2), "version"),
        (at("more", put=1), "more"),
        (at("events", put=[]), "events"),
        (at("events", 0, "seq", put=2), "events.0"),
        (at("events", 0, "event", "checklist", put="x"), "events.0"),
        (at("events", 1, "at", put="2026-11-02T09:00:00"), "events.1.at"),
        (at("events", 1, "seq", put="2"), "events.1.seq"),
        (at("events", 2, "seq", put=9), "events.2"),
        (at("events", 1, "event", "role", put="boss"), "events.1.event.role"),
        (at("events", 1, "event", "kind", put="crowned"), "events.1.event"),
        (at("events", 3, "event", "item", put="nothing"), "events.3.event.item"),
        (at("events", 3, "event", "cells", put={"none": None}), "events.3.event.cells.none"),
        (at("events", 3, "event", "cells", "topic", "options", put=["x"]), "events.3.event.cells.topic"),
        (at("events", 5, "event", "answer", put={"kind": "text", "text": "x"}), "events.5.event.answer"),
        (at("events", 6, "event", "answer", "number", put="1E+999999"), "events.6.event.answer"),
        (at("events", 7, "event", "gap", put="nothing/none"), "events.7.event.gap"),
        (at("checklist", "sections", 0, "items", 0, "from", put=["Z9"]), "checklist.sections.0.items.0.from"),
        (at("files", 0, "body", put="!"), "files.0.body"),
        (at("files", 0, "body", put="AAAA"), "files.0.sha256"),
        (at("files", 0, "id", put="f2"), "files.0.id"),
        (at("files", 0, "sha256", put=None), "files.0.sha256"),
    ],
)
def test_what_does_not_fit_is_refused_with_its_place(change: Callable[[Any], None], where: str) -> None:
    """Nothing is guessed and nothing is passed over."""
    data = json.loads(sample())
    change(data)
    with pytest.raises(PortableError, match=rf"at {re.escape(where)}[.:]"):
        load(json.dumps(data))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{",
        "[" * 200_000,
        '{"format": NaN}',
        '{"format": "a", "format": "b"}',
        '{"a": ' + "9" * 10_000 + "}",
        '"\\ud800"',
    ],
)
def test_hostile_text_is_refused_at_once(text: str) -> None:
    """Whatever comes is refused in the same way, never a crash."""
    with pytest.raises(PortableError):
        load(text)


@given(st.data())
def test_a_damaged_file_is_read_or_refused_never_a_crash(data: st.DataObject) -> None:
    """One value anywhere replaced by another."""
    whole = json.loads(sample())
    spot = whole[data.draw(st.sampled_from(("events", "checklist", "files")))]
    while isinstance(spot, dict | list) and spot:
        key = data.draw(st.sampled_from(sorted(spot) if isinstance(spot, dict) else range(len(spot))))
        if not isinstance(spot[key], dict | list) or not spot[key] or not data.draw(st.integers(0, 8)):
            spot[key] = data.draw(st.none() | st.integers() | st.text(max_size=9) | st.just([]) | st.just({}))
            break
        spot = spot[key]
    with suppress(PortableError):
        again(load(json.dumps(whole)))


def test_the_committed_schema_is_that_of_the_code() -> None:
    """Whoever reads our files can rely on ``schemas/``."""
    assert json.loads(SCHEMA.read_text(encoding="utf-8")) == schema()


# Files made to cost much

HEAD = '{"format": "readiness-negotiation", "version": 1, '
HEAVY = {
    "numbers in a list": HEAD + '"events": [' + "1," * 2_000_000 + "1]}",
    "numbers in a list in an event": HEAD + '"events": [[' + "1.5," * 1_000_000 + "1]]}",
    "numbers where the checklist is": HEAD + '"checklist": [' + "1.5," * 1_000_000 + "1]}",
    "numbers under a name of theirs": HEAD + '"more": [' + "1.5," * 1_000_000 + "1]}",
    "a list alone": "[" + "1.5," * 1_000_000 + "1]",
    "objects in a file": HEAD + '"files": [{"id": [' + '{"a":1},' * 500_000 + "1]}]}",
    "an event without end": HEAD + '"events": [{"a": "' + "x" * 5_000_000 + '"}]}',
}


@pytest.mark.slow
@pytest.mark.parametrize("kind", HEAVY)
def test_a_file_that_nobody_here_wrote_is_refused_in_little_memory(kind: str) -> None:
    """What is read at a time has a bound: no more is made of it than one event can be."""
    text = HEAVY[kind]
    tracemalloc.start()
    try:
        with pytest.raises(PortableError):
            load(text)
        assert tracemalloc.get_traced_memory()[1] < 60_000_000
    finally:
        tracemalloc.stop()


@pytest.mark.slow
@pytest.mark.parametrize("where", ["top", "event", "file"])
def test_a_key_that_stands_twice_is_found_in_a_time_that_grows_with_the_file(where: str) -> None:
    """It is named, be it the last of many."""
    keys = "".join(f'"{number:06}": "",' for number in range(100_000)) + '"099999": ""'
    text = {
        "top": "{" + keys + "}",
        "event": HEAD + '"events": [{' + keys + "}]}",
        "file": HEAD + '"files": [{' + keys + "}]}",
    }[where]
    before = time.process_time()
    with pytest.raises(PortableError) as error:
        load(text)
    assert time.process_time() - before < 5
    assert where == "top" or "“099999” is given twice" in str(error.value)


@pytest.mark.parametrize("piece", [100, 5_000, 300_000])
def test_an_answer_of_any_length_comes_back_whole(piece: int) -> None:
    """Also one longer than what is first looked at."""
    n, line = story()
    long = happened(n, Answered(item="minimum", answer=Text(text='ä\n"\\' * (piece // 4))))
    text = dump((*line, long), SMALL, [PortableFile("f", "x", "y", b"z" * piece)] * 0)
    assert again(load(text)) == text


@pytest.mark.parametrize("cut", [0.1, 0.5, 0.9, 0.999])
def test_a_file_that_was_cut_short_is_refused_with_its_line(cut: float) -> None:
    text = sample()
    with pytest.raises(PortableError, match=r"at line \d+, column \d+"):
        load(text[: int(len(text) * cut)])


@pytest.mark.parametrize("more", [" ", "x", "{}", ","])
def test_nothing_stands_behind_the_end(more: str) -> None:
    if more.strip():
        with pytest.raises(PortableError, match="Extra data"):
            load(sample() + more)
    else:
        assert again(load(sample() + more)) == sample()


@pytest.mark.parametrize("key", ["format", "version", "checklist", "events", "files"])
def test_a_file_without_one_of_its_parts_is_refused(key: str) -> None:
    data = json.loads(sample())
    del data[key]
    with pytest.raises(PortableError, match=f"at {key}"):
        load(json.dumps(data))
