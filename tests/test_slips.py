"""Slips of the pen in a checklist file: every one is told at once, in words, with the line as it should read."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.__main__ import main
from bot.authoring import lint, read_checklist, review
from tests.mistakes import cases

ROOT = Path(__file__).parent.parent
WRITING = (ROOT / "docs" / "checklists" / "writing.md").read_text(encoding="utf-8")
EXCHANGE = re.findall(r"```yaml\n(id: data-exchange\n.*?)```", WRITING, flags=re.DOTALL)[0]
CHECKLISTS = sorted((ROOT / "checklists").glob("*.yaml"))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """The tutorial's checklist as a file of its name."""
    path = tmp_path / "data-exchange.yaml"
    path.write_text(EXCHANGE)
    return path


def told(file: Path) -> list[str]:
    """What lint tells of a file, without its name."""
    return [str(mistake).removeprefix(f"{file}:") for mistake in lint([file])]


def change(file: Path, *changes: tuple[str, str]) -> None:
    """Change the first of each of these places."""
    text = file.read_text()
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    file.write_text(text)


UNSEEN = [  # characters that no file of ours should hold
    ("        label: What we ask for", "\tlabel: What we ask for",
     ("18:1: a tab (U+0009) stands in the indent. Write spaces. The line should read: label: What we ask for")),
    ("label: What we ask for", "label:\tWhat we ask for",
     ("18:15: a tab (U+0009) stands before the value. Write spaces. The line should read: label: What we ask for")),
    ("        label: What we ask", "\u00a0\u00a0      label: What we ask",
     ("18:1: a non-breaking space (U+00A0) stands in the indent. Write spaces. "
      "The line should read: label: What we ask for")),
    ("label: What we ask", "label:\u00a0What we ask",
     ("18:15: a non-breaking space (U+00A0) stands before the value. Write spaces. "
      "The line should read: label: What we ask for")),
    ("- id: asks", "-\u00a0id: asks",
     "17:8: a non-breaking space (U+00A0) stands behind the hyphen. Write spaces. The line should read: - id: asks"),
    ("kind: text, required", "kind:\u00a0text, required",
     ("26:62: a non-breaking space (U+00A0) stands in braces. Write spaces. "
      'The line should read: - {id: data, label: Data, ask: "Which data?", kind: text, required: true}')),
    ("label: What we ask", "lab\u200bel: What we ask",
     ('18:12: a zero-width space (U+200B) stands in the key "label". Take it out. '
      "The line should read: label: What we ask for")),
    ("kind: table", "kind: ta\u200bble",
     ('22:17: a zero-width space (U+200B) stands in the value of "kind". Take it out. '
      "The line should read: kind: table")),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "lines"), [*cases("slips"), *((old, new, [line]) for old, new, line in UNSEEN)])
def test_a_slip_is_told_where_it_is_with_the_line_as_it_should_read(
    file: Path, old: str, new: str, lines: list[str]
) -> None:
    """In one line, whatever the parser would have made of it."""
    change(file, (old, new))
    assert told(file) == lines


@pytest.mark.parametrize("lines", [*(case.values for case in cases("slips")), *UNSEEN], ids=lambda case: repr(case[1]))
def test_a_line_that_is_written_as_it_should_read_has_no_slip(file: Path, lines: tuple[str, str, list[str]]) -> None:
    """One round is enough."""
    change(file, lines[:2])
    follow(file)
    assert told(file) == []


def test_lines_that_share_a_slip_are_told_together(file: Path) -> None:
    """Who indented a part by one too many has made one mistake."""
    text = EXCHANGE.splitlines(keepends=True)
    file.write_text("".join(f" {line}" if 18 <= nth <= 24 else line for nth, line in enumerate(text, start=1)))
    assert told(file) == [
        (
            "18:10: this line is indented by 9 spaces, and those it belongs with by 8, as on 6 lines below. "
            "Indent it by 8. The line should read: label: What we ask for"
        )
    ]


def test_a_file_indented_by_tabs_throughout_is_read_as_it_was_meant(file: Path) -> None:
    file.write_text(re.sub("^ +", lambda spaces: "\t" * (len(spaces[0]) // 2), EXCHANGE, flags=re.MULTILINE))
    assert told(file) == [
        (
            "8:1: a tab (U+0009) stands in the indent, as on 44 lines below. "
            "Write spaces. The line should read: D1: We ask only for what we are ready to match."
        )
    ]


def test_a_text_on_several_lines_is_quoted_as_a_whole(file: Path) -> None:
    change(file, ("why: An exchange in one direction", "why: An exchange\n          goes: in one direction"))
    assert told(file) == [
        (
            '31:14: the text of "why" holds a colon, which makes a key of what stands before it. '
            "Put the text in quotes, up to the end of line 32."
        )
    ]
    assert run("--fix", file)[0] == 0
    assert read_checklist(file).item["gives"].why == "An exchange goes: in one direction does not last."


def test_a_word_file_is_called_one(file: Path) -> None:
    file.write_bytes(b"PK\x03\x04\x14\x00\x06\x00")
    assert told(file) == [
        (
            "1:1: this is a Word, Excel or ZIP file and no plain text. "
            "Save its text as plain text in UTF-8, or write it in an editor for plain text."
        )
    ]


# Fifteen mistakes


FIFTEEN = [
    ("about: What to settle", "about: First: what to settle"),
    ("  D1: We ask", "\tD1: We ask"),
    ("title: The exchange", "titel: The exchange"),
    ("- id: asks", "• id: asks"),
    ("        why: A request", "         why: A request"),
    ("unanswered: blocker ", "unanswered: blokker "),
    ("label: What we give", "label:\u00a0What we give"),
    ("ask: What do we give", "ask: {counterpart} asks: what do we give"),
    ("why: An exchange in one", 'why: "An exchange in one'),
    ("kind: row, of: asks", "kind: row, of: ask"),
    ("until: {any_row: asks}", "until: {any_row: ask}"),
    ('ask: "For which of our requests?"', "ask: For which of our requests, and why"),
    ("            severity: blocker\n            when: {not: {mirror", "            when: {not: {mirror"),
    ('is: "yes"', "is: “yes”"),
    ('says: "“{row}” is not released."', 'says: "“{row}” is not released.'),
]


def follow(file: Path) -> None:
    """Do what lint says, and nothing else."""
    lines = file.read_text().split("\n")
    added: list[tuple[int, str]] = []
    for mistake in lint([file]):
        line = lines[mistake.line - 1]
        if mistake.line_meant:
            lines[mistake.line - 1] = mistake.line_meant
        elif meant := re.fullmatch(r"Did you mean (\w+)\?|Name a point by its id, such as (\w+)\.", mistake.mend):
            at = mistake.column - 1
            lines[mistake.line - 1] = line[:at] + re.sub(r"\w+", meant[1] or meant[2], line[at:], count=1)
        elif missing := re.fullmatch(r'Add "(\w+):" to it\.', mistake.mend):
            added.append((mistake.line, " " * (mistake.column - 1) + f"{missing[1]}: blocker"))
    for number, line in reversed(added):
        lines.insert(number, line)
    file.write_text("\n".join(lines))


def test_fifteen_mistakes_are_gone_in_three_rounds(file: Path) -> None:
    """An author who does what is said is soon done, whatever was wrong and however much of it."""
    change(file, *FIFTEEN)
    assert len(lint([file])) >= 12
    for _round in range(3):
        follow(file)
    assert told(file) == []
    assert len(read_checklist(file).item["gives"].gaps) == 2


# What is read as it was meant


def test_a_question_mark_in_braces_is_only_warned_of(file: Path) -> None:
    """YAML 1.2 reads it, though not every program that reads YAML."""
    change(file, ('ask: "Which data?"', "ask: Which data?"))
    assert told(file) == []
    assert [str(warning).partition(":26:")[2] for warning in review([file]).warnings] == [
        (
            '42: warning: the text of "ask" stands in braces and holds a question mark, at which other programs stop '
            "reading. Put the text in quotes. The line should read: "
            '- {id: data, label: Data, ask: "Which data?", kind: text, required: true}'
        )
    ]
    assert read_checklist(file).item["asks"].fields[0].ask == "Which data?"


def test_other_mistakes_are_told_where_they_are_beside_a_slip(file: Path) -> None:
    """Their columns are those of the file, and not of the line as it should read."""
    change(file, ('ask: "Is it released?", kind: yes_no', "ask: Is it, or not, kind: yesno"))
    assert told(file)[1:] == ['42:71: "kind" of field released cannot be "yesno". Did you mean yes_no?']


SOUND = """\
id: data-exchange
version: 1
title: 'A title that isn''t plain'   # a comment
about: >-
  A text below its key: with a colon, "quotes", a # and {counterpart}.

    Indented further.
source: "A text on two
  lines with a \\"quote\\" in it"
opening: [{id: partners, label: Partners, ask: Who is it, lines: true}]
points: {T1: Openness., "T2": 'Second, with a comma'}
sections:
- id: all
  title: “All” of it
  about: |
    Literally.
  items:
  -
    id: goals
    label: Goals
    ask: Which goals
      do we have – and
      - why?
    why: It's plain - isn't it?
    from:
    - T1
    - T2
    kind: choice
    options: [
      {id: a, label: "A, B"},
      {id: b, label: It's}]
    gaps: [{id: no_goal, severity: blocker, when: {the: goals,
            empty: true}, says: No goal., mend: Write one.}]
"""


def test_what_is_unusual_and_sound_has_no_slip(file: Path) -> None:
    file.write_text(SOUND)
    assert (told(file), review([file]).warnings) == ([], [])


# Correcting


def run(*args: str | Path) -> tuple[int, str]:
    result = CliRunner().invoke(main, ["lint", *map(str, args)])
    return result.exit_code, result.output


def test_what_is_certain_can_be_corrected_and_each_line_is_told(file: Path) -> None:
    change(file, ("- id: asks", "• id: asks"), ("ask: What do we give", "ask: Our part: what do we give"))
    code, said = run("--fix", file)
    assert said.splitlines() == [
        (
            f"Corrected: {file}:17:7: an entry begins with •, and not with a hyphen. Write a hyphen. "
            "The line should read: - id: asks"
        ),
        (
            f'Corrected: {file}:30:14: the text of "ask" holds a colon, which makes a key of what stands before it. '
            "Put the text in quotes. "
            'The line should read: ask: "Our part: what do we give in return, and is it released?"'
        ),
        "1 checklist is sound.",
    ]
    assert code == 0
    assert read_checklist(file).item["gives"].ask == "Our part: what do we give in return, and is it released?"


def test_what_only_its_author_knows_is_left_as_it_is(file: Path) -> None:
    """Where a text ends, how deep a line belongs, and whether a # was meant as one."""
    change(file, ("why: An exchange", 'why: "An exchange'), ("ask: Which data do", "ask: Which data #1 do"))
    before = file.read_bytes()
    code, said = run("--fix", file)
    assert code == 1
    assert "Corrected" not in said
    assert file.read_bytes() == before


def test_a_corrected_file_keeps_its_line_ends_and_rights_and_loses_its_mark(file: Path) -> None:
    text = EXCHANGE.replace("- id: asks", "• id: asks").replace("\n", "\r\n")
    file.write_bytes(b"\xef\xbb\xbf" + text.encode())
    file.chmod(0o640)
    assert run("--fix", file)[0] == 0
    assert file.read_bytes() == EXCHANGE.replace("\n", "\r\n").encode()
    assert file.stat().st_mode & 0o777 == 0o640
    assert [path.name for path in file.parent.iterdir()] == [file.name]


@pytest.mark.slow
@pytest.mark.parametrize("path", CHECKLISTS, ids=lambda path: path.name)
def test_nothing_is_corrected_in_a_sound_file(tmp_path: Path, path: Path) -> None:
    copy = tmp_path / path.name
    copy.write_bytes(path.read_bytes())
    assert run("--fix", copy) == (0, "1 checklist is sound.\n")
    assert copy.read_bytes() == path.read_bytes()


def test_editors_are_told_as_json(file: Path) -> None:
    change(file, ("kind: table", "kind: tabel"), ("- id: asks", "• id: asks"))
    code, said = run("--json", file)
    assert code == 1
    assert json.loads(said) == [
        {"file": str(file), "line": 17, "column": 7, "severity": "error", "line_meant": "      - id: asks",
         "message": "an entry begins with •, and not with a hyphen", "advice": "Write a hyphen."},
        {"file": str(file), "line": 22, "column": 15, "severity": "error", "advice": "Did you mean table?",
         "message": '"kind" of item asks cannot be "tabel"'},
    ]  # fmt: skip


def test_a_file_that_ends_in_yml_is_read(file: Path) -> None:
    other = file.rename(file.with_suffix(".yml"))
    assert run(other.parent) == (0, "1 checklist is sound.\n")
    change(other, ("kind: table", "kind: tabel"))
    assert run(other.parent)[0] == 1


# Whatever is typed


SIGNS = ["\t", "\u00a0", "\u200b", "“", "”", "’", '"', "'", "•", "– ", "- ", ": ", " #", "?", ",", "{", "}", "[", "]",
         "*", "&", "@", "|", ">", "\n", "  ", " ", "\\", "id: ", "ask: "]  # fmt: skip


@pytest.mark.slow
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(at=st.integers(0, len(EXCHANGE)), end=st.integers(0, 12), new=st.lists(st.sampled_from(SIGNS), max_size=4))
def test_whatever_is_typed_is_told_in_words_and_corrected_line_by_line(
    file: Path, at: int, end: int, new: list[str]
) -> None:
    """Nothing of the parser's shows through, and no line is lost or added."""
    file.write_text(EXCHANGE[:at] + "".join(new) + EXCHANGE[at + end :])
    for mistake in lint([file]):
        assert not re.search(r"'<|token|scalar", mistake.what)
        assert "\n" not in mistake.line_meant
    before = file.read_text().count("\n")
    run("--fix", file)
    assert file.read_text().count("\n") == before


# What is legal and perhaps not meant


def warned(file: Path) -> list[str]:
    """What lint warns of, without the file's name."""
    findings = review([file])
    assert findings.mistakes == []
    return [str(warning).removeprefix(f"{file}:") for warning in findings.warnings]


@pytest.mark.slow
@pytest.mark.parametrize("path", CHECKLISTS, ids=lambda path: path.name)
def test_our_own_checklists_need_no_warning(path: Path) -> None:
    assert warned(path) == []


def test_talks_that_are_ready_before_anything_is_answered_are_warned_of(file: Path) -> None:
    """Whose blanks weigh less than what its rules find, too."""
    text = file.read_text()
    file.write_text("".join(line for line in text.splitlines(keepends=True) if "unanswered:" not in line))
    assert warned(file) == [
        ("11:1: warning: talks in which nothing is answered yet are called ready. "
         "Say “unanswered: blocker” or “major” at what must be answered."),
        ("27:9: warning: left blank, item gives is a minor gap, though one of its rules finds a blocker. "
         "Say “unanswered: blocker” if a blank is as grave, else “unanswered: minor”."),
    ]  # fmt: skip


def test_a_rule_that_never_or_always_speaks_is_warned_of(file: Path) -> None:
    """As far as that follows from the options of a single choice."""
    item = """
      - id: sure
        label: Sure
        ask: Are we sure?
        why: To know.
        from: [D1]
        kind: yes_no
        gaps:
          - {id: never, severity: minor, when: {all: [{the: sure, is: yes}, {the: sure, is: no}]}, says: A., mend: B.}
          - {id: always, severity: minor, says: A., mend: B.,
             when: {not: {all: [{the: sure, is: yes}, {the: sure, is: no}]}}}
"""
    file.write_text(file.read_text() + item)
    assert [line.partition(": warning: ")[2] for line in warned(file)] == [
        "the gap never can never be open. Change the condition: it cannot hold.",
        "the gap always is always open. Change the condition: it always holds.",
    ]


ITEM = """
      - id: offer
        label: Our offer
        ask: What do we offer?
        why: To know.
        from: [D1]
        kind: table
        asked_of: us
        unanswered: blocker
        fields:
          - {id: what, label: What, ask: "What?", kind: text, required: true}
          - {id: cleared, label: Cleared, ask: "Is it cleared?", kind: yes_no}
        gaps:
          - {id: uncleared, severity: blocker, each: true, when: {not: {the: .cleared, is: "yes"}},
             says: "“{row}” is not cleared.", mend: Have it cleared.}
"""
CLOSED = '{not: {the: .cleared, is: "yes"}}'
LAST = '{id: cleared, label: Cleared, ask: "Is it cleared?", kind: yes_no}'


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ([], None),
        (
            [(CLOSED, "{the: .cleared, in: [yes, no]}"), ("severity: blocker", "severity: minor")],
            "every answer to cleared leaves a gap. Let one of its answers leave none.",
        ),
        (
            [(CLOSED, "{the: .cleared, in: [yes, no]}")],
            "no answer closes the blocker uncleared. Let some answer close it.",
        ),
        (
            [("“{row}” is", "It is")],
            "the gap uncleared does not say which row it means. Write {row} where the row's name belongs.",
        ),
        (
            [(LAST, LAST + '\n          - {id: told, label: Told on, ask: "When?", kind: date, past: true}')],
            ("the date told never ages: one of years ago is as good as today's. "
             "Judge it with older_than, or give the item valid_for."),
        ),
        (
            [("asked_of: us", "asked_of: us\n        valid_for: 30"),
             (LAST, LAST + '\n          - {id: told, label: Told on, ask: "When?", kind: date, past: true}')],
            None,
        ),
        (
            [("What do we offer?", "How far do we go, and what is our red line?")],
            ("“red line” in offer sounds internal, and partners would read it. "
             "Say “internal: true”, or “internal: false” if they may."),
        ),
        (
            [("What do we offer?", "What is our red line?"), ("asked_of: us", "asked_of: us\n        internal: false")],
            None,
        ),
        (
            [(LAST, LAST + '\n          - {id: new, label: New, ask: "Is it new?", kind: yes_no}')],
            ("no rule and no condition reads new. "
             "Judge it in a rule, or leave it out: each tap costs who answers."),
        ),
    ],
)  # fmt: skip
def test_what_helps_nobody_who_answers_is_warned_of(
    file: Path, changes: list[tuple[str, str]], said: str | None
) -> None:
    change(
        file,
        ("id: data-exchange", "id: data-exchange\nformat: 2"),
        ("due: 30 ", "asked_of: them\n        due: 30 "),
        ("valid_for: 90", "asked_of: us\n        valid_for: 90"),
    )
    before, own = warned(file), ITEM
    for old, new in changes:
        assert old in own, old
        own = own.replace(old, new, 1)
    file.write_text(file.read_text() + own)
    assert [line.partition(": warning: ")[2] for line in warned(file) if line not in before] == ([said] if said else [])


def test_a_warning_fails_nothing(file: Path) -> None:
    change(file, ('ask: "Which data?"', "ask: Which data?"))
    code, said = run(file)
    assert code == 0
    assert said.splitlines()[0].startswith(f"{file}:26:42: warning: the text of ")
    assert said.splitlines()[1:] == ["1 checklist is sound."]
