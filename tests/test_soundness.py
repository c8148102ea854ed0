# ruff: noqa: E501 (a fault is one line)
"""What only the whole checklist can tell: dangling references, comparisons of unlike things, circles, dead ends."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.authoring import lint, read_checklist
from bot.authoring.yaml_reader import parsed
from bot.domain.checklist import Checklist
from bot.domain.lint import faults
from tests.mistakes import cases

SOUND = """\
id: sound
version: 1
title: Sound
about: For {counterpart}.
source: Nowhere.
opening:
  - {id: partners, label: Partners, ask: Who., lines: true}
points: {T1: One., T2: Two.}
sections:
  - id: first
    title: First
    about: On {subject}.
    items:
      - id: goals
        label: Goals
        ask: Which?
        why: Because.
        from: [T1]
        kind: table
        named_by: goal
        fields:
          - {id: goal, label: Goal, ask: Which., kind: text, required: true}
          - {id: rank, label: Rank, ask: Which., kind: number}
          - {id: size, label: Size, ask: How big., kind: choice, ordered: true, options: [{id: low, label: Low}, {id: high, label: High}]}
          - {id: want, label: Want, ask: Must it be., kind: choice, options: [{id: must, label: Must}, {id: may, label: May}]}
          - {id: signed, label: Signed, ask: When., kind: date}
          - {id: signer, label: Signer, ask: Who., kind: text, show_if: {the: .want, is: must}}
        rows:
          - {id: main, forced: true, cells: {goal: Peace, rank: "1", size: low, signed: 2027-03-12}}
          - {id: p, each: partners, into: goal}
        gaps:
          - id: unsigned
            severity: blocker
            each: true
            when: {all: [{the: .want, is: must}, {the: .signed, missing: true}]}
            says: “{row}” with {counterpart} and {partners} is not signed.
            mend: Sign it.
            from: [T2]
          - id: late
            severity: major
            when: {any_row: goals, where: {the: .signed, after: {the: talks, plus: -7}}}
            says: Late.
            mend: Hurry.
          - id: moved
            severity: minor
            each: true
            when: {the: .signed, changed_since: [goal, rank]}
            says: Moved.
            mend: Sign again.
      - id: asks
        label: Asks
        ask: What?
        why: Because.
        from: [T2]
        kind: table
        locked: {until: {every_row: goals, where: {the: .signer, empty: true}}, says: Not yet.}
        fields:
          - {id: topic, label: Topic, ask: What., kind: text}
          - {id: goal, label: Goal, ask: Whose., kind: row, of: goals}
          - {id: parts, label: Parts, ask: Which., kind: choices, options: [{id: a, label: A}, {id: b, label: B}]}
        rows:
          - {id: ask, cells: {goal: main, parts: "a, b"}}
        gaps:
          - id: unpaired
            severity: major
            when: {not: {mirror: goals, pointer: asks.goal}}
            says: Unpaired.
            mend: Pair.
          - id: weak
            severity: major
            each: true
            when: {the: .goal.size, at_most: 1}
            says: Weak.
            mend: Aim higher.
      - id: rung
        label: Rung
        ask: How far?
        why: Because.
        from: [T1]
        kind: form
        fields:
          - {id: done, label: Done, ask: How far., kind: choice, ordered: true, options: [{id: low, label: Low}, {id: high, label: High}]}
          - {id: next, label: Next, ask: How far., kind: choice, ordered: true, options: [{id: low, label: Low}, {id: high, label: High}]}
        gaps:
          - id: leap
            severity: blocker
            when: {the: rung.next, over: {the: rung.done, plus: 1}}
            says: Too far.
            mend: Start small.
      - id: alone
        label: Alone
        ask: Alone?
        why: Because.
        from: [T1]
        kind: yes_no
      - id: verdict
        label: Verdict
        ask: Go?
        why: Because.
        from: [T1]
        kind: yes_no
        show_if: {the: alone, is: no}
        gaps:
          - id: blocked
            severity: blocker
            when: {all: [{the: verdict, is: yes}, open_blocker: true]}
            says: Blocked.
            mend: Wait.
"""


def written(folder: Path, *changes: tuple[str, str]) -> Path:
    """The sound checklist in a file, with places changed."""
    text = SOUND
    for old, new in changes:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    file = folder / "sound.yaml"
    file.write_text(text)
    return file


def told(folder: Path, *changes: tuple[str, str]) -> list[str]:
    """What lint tells of the sound checklist with places changed."""
    return [str(mistake).replace(f"{folder}/sound.yaml:", "") for mistake in lint([written(folder, *changes)])]


def test_a_sound_checklist_has_no_fault(tmp_path: Path) -> None:
    """Every kind of item, condition and reference that is in it is in order."""
    assert faults(read_checklist(written(tmp_path))) == []


def test_a_fault_leads_to_its_place_by_the_keys_of_the_file(tmp_path: Path) -> None:
    """Whoever holds the data can find the place, without any file."""
    text = written(tmp_path, ("{the: .goal.size, at_most: 1}", "{the: .goal.big, at_most: 1}")).read_text()
    checklist = Checklist.model_validate(parsed(text, "x").data)
    assert [fault.path for fault in faults(checklist)] == [("sections", 0, "items", 1, "gaps", 1, "when", "the")]


WEAK = "{the: .goal.size, at_most: 1}"
LATE = "{any_row: goals, where: {the: .signed, after: {the: talks, plus: -7}}}"
MISTAKES = [case for name in ("ids", "references", "predicates", "shapes", "dead_ends") for case in cases(name)]


@pytest.mark.slow
@pytest.mark.parametrize(("old", "new", "lines"), MISTAKES)
def test_a_fault_is_told_where_it_is(tmp_path: Path, old: str, new: str, lines: list[str]) -> None:
    """Every file of tests/mistakes says what its faults have in common."""
    assert told(tmp_path, (old, new)) == lines


def test_rows_are_not_called_after_themselves(tmp_path: Path) -> None:
    """Or their name would have no end."""
    assert (
        "52:19: the rows of asks are called after themselves (asks → asks). Name a field of another kind in named_by."
        in told(
            tmp_path,
            ("label: Asks", "label: Asks\n        named_by: goal"),
            ("kind: row, of: goals", "kind: row, of: asks"),
        )
    )


def test_what_its_ancestors_exclude_cannot_be_reached(tmp_path: Path) -> None:
    """An answer counts only where its own item could be asked."""
    low = ("ask: Alone?", "ask: Alone?\n        show_if: {the: rung.done, is: low}")
    high = ("{the: alone, is: no}", "{all: [{the: alone, is: no}, {the: rung.done, is: high}]}")
    assert told(tmp_path, low, high) == ["103:18: item verdict can never be shown. Change show_if: it cannot hold."]
    assert told(tmp_path, high) == []


@pytest.mark.parametrize(
    "condition",
    [
        "{the: alone, unknown: true}",
        "{not: {the: alone, in: [yes, no]}}",
        "{the: rung.done, at_least: 2}",
        "{all: [{the: rung.done, over: rung.next}, {the: rung.next, over: rung.done}]}",
        "{all: [{any_row: goals}, {no_row: goals, where: {the: .rank, over: 1}}]}",
        "{any: [{the: alone, is: yes}, {the: alone, is: no}]}",
    ],
)
def test_what_may_hold_is_reachable(tmp_path: Path, condition: str) -> None:
    """Facts that no single choice decides are given the benefit of the doubt."""
    assert told(tmp_path, ("{the: alone, is: no}", condition)) == []


def test_what_is_too_large_to_think_through_is_taken_to_be_reachable(tmp_path: Path) -> None:
    """A linter that is sure of what it says need not say everything."""
    never = "{the: alone, is: no}, {the: alone, is: yes}"
    free = ", ".join(f"{{count: goals, over: {number}}}" for number in range(15))
    assert told(tmp_path, ("{the: alone, is: no}", f"{{all: [{never}]}}"))
    assert told(tmp_path, ("{the: alone, is: no}", f"{{all: [{never}, {free}]}}")) == []


def test_many_faults_are_told_at_once_in_the_order_of_their_lines(tmp_path: Path) -> None:
    """Of shape, reference and circle alike."""
    assert told(
        tmp_path,
        (WEAK, "{the: .gaol.size, at_most: 1}"),
        ('rank: "1"', "rank: one"),
        ("is: yes}", "is: maybe}"),
    ) == [
        '29:65: rank cannot hold “one”. Write a number in quotes, such as "30".',
        "72:25: item asks has no field gaol. Did you mean goal?",
        "106:45: verdict can never be maybe. Use one of: yes, no.",
    ]


def test_nobody_is_told_more_than_a_hundred_faults(tmp_path: Path) -> None:
    """Nor is time spent on finding them."""
    wrong = ", ".join(f"{{any: [{', '.join(['{the: nothing, empty: true}'] * 20)}]}}" for _ in range(20))
    assert len(told(tmp_path, (LATE, f"{{all: [{wrong}]}}"))) == 100
