# ruff: noqa: E501 (a fault is one line)
"""What only the whole checklist can tell: dangling references, comparisons of unlike things, circles, dead ends."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.core.checklist import Checklist
from bot.core.soundness import faults
from bot.library import lint, read_checklist
from bot.library.reading import parsed

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
LEAP = "{the: rung.next, over: {the: rung.done, plus: 1}}"
MOVED = "{the: .signed, changed_since: [goal, rank]}"
MIRROR = "{not: {mirror: goals, pointer: asks.goal}}"


IDS = [
    (
        "- id: alone",
        "- id: rung",
        "87:25: rung is a yes or no and has no fields. Write rung without .next.\n90:13: the id rung is taken. Choose another: ids in one place differ.\n102:24: there is no item alone. Use one of: goals, asks, rung, verdict.",
    ),
    (
        "- id: alone",
        "- id: talks",
        "90:13: talks already means a day. Choose another id.\n102:24: there is no item alone. Use one of: goals, asks, rung, talks, verdict.",
    ),
    (
        "- id: late",
        "- id: unsigned",
        "39:17: the id unsigned is taken. Choose another: ids in one place differ.",
    ),
    (
        "{id: rank, label",
        "{id: goal, label",
        '23:18: the id goal is taken. Choose another: ids in one place differ.\n29:52: goal cannot hold “Peace”. Write a number in quotes, such as "30".\n29:59: item goals has no field rank. Use one of: goal, size, want, signed, signer.\n30:43: goal holds no text to take a line. Name a field of kind text.\n47:56: item goals has no field rank. Use one of: goal, size, want, signed, signer.',
    ),
    (
        "{id: may, label",
        "{id: must, label",
        "25:109: the id must is taken. Choose another: ids in one place differ.",
    ),
    (
        "{id: p, each",
        "{id: main, each",
        "30:18: the id main is taken. Choose another: ids in one place differ.",
    ),
    (
        "{id: main, forced",
        "{id: p1, forced",
        "29:18: the id p1 is what a line of row p gets. Choose another.\n62:37: goal cannot hold “main”. Use one of: p1.",
    ),
    (
        "{id: partners, label",
        "{id: subject, label",
        "7:10: the id subject is taken. Choose another: ids in one place differ.\n30:27: there is no opening question partners. Use one of: subject.\n36:19: nothing is put in for {partners}. Use one of: counterpart, subject, row.",
    ),
]


@pytest.mark.parametrize(("old", "new", "lines"), IDS)
def test_an_id_names_one_thing(tmp_path: Path, old: str, new: str, lines: str) -> None:
    """Two things of one id, in one place, cannot be told apart."""
    assert told(tmp_path, (old, new)) == lines.splitlines()


REFERENCES = [
    (LATE, "{the: goal, empty: true}", "41:25: there is no item goal. Did you mean goals?"),
    (
        LATE,
        "{the: goals.goal, empty: true}",
        "41:25: goals is a table: goals.goal is another value in each of its rows. Ask any_row, every_row or count of goals, with .goal in where.",
    ),
    (
        LATE,
        "{the: alone.why, is: a}",
        "41:25: alone is a yes or no and has no fields. Write alone without .why.",
    ),
    (LATE, "{the: rung.dun, is: low}", "41:25: item rung has no field dun. Use one of: done, next."),
    (
        LATE,
        "{the: .want, is: must}",
        "41:25: there is no row here for .want. Put it under where, or give the gap rule each: true.",
    ),
    (
        LATE,
        "{the: today, is: must}",
        "41:25: today is a day, which is only compared. Use after or before, or name an item.",
    ),
    (LATE, "{any_row: aims}", "41:29: there is no item aims. Use one of: goals, asks, rung, alone, verdict."),
    (
        LATE,
        "{any_row: rung}",
        "41:29: rung is a form and has no rows. Name a table, or ask for the value itself.",
    ),
    (
        LATE,
        "{every_row: goals, where: {the: .wont, is: must}}",
        "41:51: item goals has no field wont. Did you mean want?",
    ),
    (LATE, "{count: goals, over: {rows: ask}}", "41:47: there is no item ask. Did you mean asks?"),
    (
        LATE,
        "{weigh: goals, by: weight, heavier: {the: .rank, over: 1}, than: {the: .rank, under: 1}}",
        "41:38: item goals has no field weight. Use one of: goal, rank, size, want, signed, signer.",
    ),
    (
        LATE,
        "{weigh: goals, by: want, heavier: {the: .rank, over: 1}, than: {the: .rnk, under: 1}}",
        "41:38: the options of .want have no order. Give it ordered: true, or use is or in.\n41:88: item goals has no field rnk. Did you mean rank?",
    ),
    (
        WEAK,
        "{the: .topic.size, at_most: 1}",
        "72:25: topic of item asks is a text and leads to no .size. Only a field of kind row leads on.",
    ),
    (WEAK, "{the: .goal.want, same_as: .topik}", "72:46: item asks has no field topik. Did you mean topic?"),
    (
        WEAK,
        "{pointed_at_by: asks.goal}",
        "72:35: asks.goal points at goals, not at asks. Name a field that points at asks.",
    ),
    (
        LATE,
        "{pointed_at_by: asks.goal}",
        "41:35: there is no row here for pointed_at_by. Put it under where, or give the gap rule each: true.",
    ),
    (
        MIRROR,
        "{mirror: goals, pointer: asks.gaol}",
        "66:44: item asks has no field gaol. Did you mean asks.goal?",
    ),
    (
        MIRROR,
        "{mirror: goals, pointer: asks.topic}",
        "66:44: asks.topic is a text and points at no row. Name a field of kind row.",
    ),
    (
        MIRROR,
        "{mirror: asks, pointer: asks.goal}",
        "66:43: asks.goal points at goals, not at asks. Name a field that points at asks.",
    ),
    (
        MIRROR,
        "{mirror: goals, pointer: rung.done}",
        "66:44: rung is a form and has no rows. Name a table, or ask for the value itself.",
    ),
    (
        MOVED,
        "{the: .signed, changed_since: [gaol]}",
        "47:50: item goals has no field gaol. Did you mean goal?",
    ),
    (
        WEAK,
        "{the: .goal.signed, changed_since: [topic]}",
        "72:25: changed_since looks at one row, which .goal.signed is not in. Name a field of the row.",
    ),
]


@pytest.mark.parametrize(("old", "new", "lines"), REFERENCES)
def test_a_reference_leads_somewhere(tmp_path: Path, old: str, new: str, lines: str) -> None:
    """To an item, a field, a row in view, a pointer's table."""
    assert told(tmp_path, (old, new)) == lines.splitlines()


PREDICATES = [
    (LATE, "{the: alone, is: 'true'}", "41:36: alone can never be true. Use one of: yes, no."),
    (LATE, "{the: rung.done, in: [low, hi]}", "41:46: rung.done can never be hi. Did you mean high?"),
    (
        LATE,
        "{the: goals, is: must}",
        "41:36: goals is a table: there is nothing to choose. Ask empty, unknown or missing of it, or name a choice.",
    ),
    (
        LEAP,
        "{the: rung.next, over: high}",
        "87:42: high is an option, not a reference. List the options meant: in: [...].",
    ),
    (
        LATE,
        "{the: alone, over: 1}",
        "41:25: alone is a yes or no and has no size. Name a number or an ordered choice.",
    ),
    (
        LATE,
        "{any_row: goals, where: {the: .want, over: 1}}",
        "41:49: the options of .want have no order. Give it ordered: true, or use is or in.",
    ),
    (
        LATE,
        "{any_row: goals, where: {the: .signed, over: today}}",
        "41:49: .signed is a date and has no size. Use after or before.",
    ),
    (
        LATE,
        "{any_row: goals, where: {the: .rank, over: .size}}",
        "41:62: .rank (a number) cannot be measured against .size (a choice). Compare two numbers, or two choices with the same options.",
    ),
    (
        LATE,
        "{any_row: goals, where: {the: .rank, over: talks}}",
        "41:62: talks is a day, not a size. Use after or before.",
    ),
    (
        LATE,
        "{any_row: goals, where: {the: .rank, after: talks}}",
        "41:49: .rank is a number, not a date. Ask after of dates only.",
    ),
    (
        LATE,
        "{any_row: goals, where: {the: .signed, after: 5}}",
        "41:65: after compares days, and 5 is a number. Name a date.",
    ),
    (
        LATE,
        "{any_row: goals, where: {the: .signed, before: .rank}}",
        "41:66: .rank is a number, not a date. Ask before of dates only.",
    ),
    (
        LATE,
        "{any_row: goals, where: {the: .goal, older_than: 5}}",
        "41:68: .goal is a text and has no age. Ask older_than of a date.",
    ),
    (
        LATE,
        "{any_row: goals, where: {the: .goal, same_as: .rank}}",
        "41:65: .goal (a text) and .rank (a number) are never the same. Compare two values of one kind.",
    ),
]


@pytest.mark.parametrize(("old", "new", "lines"), PREDICATES)
def test_a_predicate_fits_what_it_is_put_to(tmp_path: Path, old: str, new: str, lines: str) -> None:
    """Options of choices, sizes of what has a size, days of dates; like is compared with like."""
    assert told(tmp_path, (old, new)) == lines.splitlines()


SHAPES = [
    (
        "kind: row, of: goals",
        "kind: row, of: goal",
        "59:65: there is no table goal. Did you mean goals?\n72:25: goal of item asks points at no table. Give field goal a table in of.",
    ),
    (
        "kind: row, of: goals",
        "kind: row, of: rung",
        "59:65: there is no table rung. Use one of: goals, asks.\n62:37: goal cannot hold “main”. Give rung a row of that id.\n66:50: asks.goal points at rung, not at goals. Name a field that points at goals.\n72:25: item rung has no field size. Use one of: done, next.",
    ),
    (
        "kind: row, of: goals",
        "kind: row",
        "59:13: goal is of kind row and points at no table. Add of, with a table's id.\n72:25: goal of item asks points at no table. Give field goal a table in of.",
    ),
    (
        "label: Topic, ask: What., kind: text",
        "label: Topic, ask: What., kind: text, of: goals",
        "58:63: topic is of kind text, which points at nothing. Remove of, or make it of kind row.",
    ),
    (
        "kind: choice, options: [{id: must, label: Must}, {id: may, label: May}]",
        "kind: choice",
        "25:13: want is of kind choice and has no options. Add options.",
    ),
    (
        "ask: Alone?",
        "ask: Alone?\n        options: [{id: a, label: A}]",
        "93:9: alone is of kind yes_no, which has no options. Remove them, or make it a choice.",
    ),
    (
        "ask: Alone?",
        "ask: Alone?\n        ordered: true",
        "93:9: alone is of kind yes_no, which has no order. Remove ordered, or make it a choice.",
    ),
    (
        "ask: Alone?",
        "ask: Alone?\n        fields: [{id: a, label: A, ask: A., kind: text}]",
        "93:9: alone is of kind yes_no, which has no fields. Remove fields, or make it a table or a form.",
    ),
    (
        "ask: Alone?",
        "ask: Alone?\n        rows: [{id: a}]",
        "93:9: alone is of kind yes_no, which is given no rows. Remove rows, or make it a table.",
    ),
    (
        "ask: Alone?",
        "ask: Alone?\n        named_by: a",
        "93:9: alone is of kind yes_no, which has no named_by. Remove named_by, or make it a table or a form.",
    ),
    ("named_by: goal", "named_by: gaol", "20:19: item goals has no field gaol. Did you mean goal?"),
    (
        "kind: yes_no\n      - id: verdict",
        "kind: form\n      - id: verdict",
        "90:9: alone is of kind form and has no fields. Add fields.\n102:35: alone is a form: there is nothing to choose. Ask empty, unknown or missing of it, or name a choice.",
    ),
    (
        "- id: leap",
        "- id: leap\n            each: true",
        "86:19: rung is of kind form and has no rows to judge one by one. Remove each.",
    ),
    ("cells: {goal: Peace", "cells: {gaol: Peace", "29:46: item goals has no field gaol. Did you mean goal?"),
    ('rank: "1"', "rank: first", '29:65: rank cannot hold “first”. Write a number in quotes, such as "30".'),
    (
        'rank: "1"',
        "rank: Infinity",
        '29:65: rank cannot hold “Infinity”. Write a number in quotes, such as "30".',
    ),
    (
        "signed: 2027-03-12",
        "signed: 12 March",
        "29:89: signed cannot hold “12 March”. Write a date as 2027-03-12.",
    ),
    ("size: low, signed", "size: lo, signed", "29:76: size cannot hold “lo”. Did you mean low?"),
    ("goal: main, parts", "goal: man, parts", "62:37: goal cannot hold “man”. Did you mean main?"),
    ("goal: main, parts", "goal: p, parts", "62:37: goal cannot hold “p”. Use one of: main."),
    ('"a, b"', '"a, c"', "62:50: parts cannot hold “a, c”. Use one of: a, b."),
    (
        "each: partners",
        "each: partner",
        "30:27: there is no opening question partner. Did you mean partners?",
    ),
    (
        "each: partners, into: goal",
        "into: goal",
        "30:21: row p puts no lines anywhere. Add each, or remove into.",
    ),
    ("into: goal", "into: rank", "30:43: rank holds no text to take a line. Name a field of kind text."),
    ("into: goal", "into: gaol", "30:43: item goals has no field gaol. Did you mean goal?"),
    (
        "    from: [T2]\n        kind",
        "    from: [T3]\n        kind",
        "8:20: no item comes from point T2. Name it in an item's from.\n54:16: there is no point T3. Use one of: T1, T2.",
    ),
    (
        "            from: [T2]\n",
        "            from: [T9]\n",
        "38:20: there is no point T9. Use one of: T1, T2.",
    ),
    (
        "from: [T2]\n        kind",
        "from: [T1]\n        kind",
        "8:20: no item comes from point T2. Name it in an item's from.",
    ),
    (
        "says: Late.",
        "says: “{row}” is late.",
        "42:19: nothing is put in for {row}. Use one of: counterpart, subject, partners.",
    ),
    ("says: Late.", "says: For {partner}.", "42:19: nothing is put in for {partner}. Did you mean partners?"),
    (
        "label: Rung",
        'label: "{subject}"',
        "76:16: nothing is put in for {subject}. Write it without braces: this is shown as it stands.",
    ),
    (
        "mend: Sign it.",
        "mend: Sign “{row}”.",
        "37:19: nothing is put in for {row}. Use one of: counterpart, subject, partners.",
    ),
    (
        "For {counterpart}.",
        "For { subject }.",
        "4:8: nothing is put in for { subject }. Did you mean subject?",
    ),
    (
        "is: no}",
        "is: no}\n        locked: {until: {open_blocker: true}, says: Wait.}",
        "103:40: only a gap rule can ask whether a blocker is open. Move this into a gap rule, or name the item that matters.",
    ),
]


@pytest.mark.parametrize(("old", "new", "lines"), SHAPES)
def test_a_part_has_what_its_kind_asks_for(tmp_path: Path, old: str, new: str, lines: str) -> None:
    """Options, fields, pointers, given rows, points and words in braces."""
    assert told(tmp_path, (old, new)) == lines.splitlines()


DEAD_ENDS = [
    (
        "ask: Alone?",
        "ask: Alone?\n        show_if: {the: verdict, is: yes}",
        "93:18: item alone waits for itself (alone → verdict → alone). Remove one of these conditions.",
    ),
    (
        "ask: Alone?",
        "ask: Alone?\n        show_if: {the: alone, empty: true}",
        "93:18: item alone waits for itself (alone → alone). Remove one of these conditions.",
    ),
    (
        "{every_row: goals, where: {the: .signer, empty: true}}",
        "{any_row: asks}",
        "56:17: item asks waits for itself (asks → asks). Remove one of these conditions.",
    ),
    (
        "label: Want,",
        "label: Want, show_if: {the: .signer, empty: true},",
        "25:46: field want waits for itself (want → signer → want). Remove one of these conditions.",
    ),
    (
        "{the: alone, is: no}",
        "{all: [{the: alone, is: no}, {the: alone, is: yes}]}",
        "102:18: item verdict can never be shown. Change show_if: it cannot hold.",
    ),
    (
        "{the: alone, is: no}",
        "{all: [{the: alone, is: no}, {the: alone, missing: true}]}",
        "102:18: item verdict can never be shown. Change show_if: it cannot hold.",
    ),
    (
        "{the: alone, is: no}",
        "{all: [{any_row: goals}, {not: {any_row: goals}}]}",
        "102:18: item verdict can never be shown. Change show_if: it cannot hold.",
    ),
    (
        "{the: alone, is: no}",
        "{the: rung.done, over: 2}",
        "102:18: item verdict can never be shown. Change show_if: it cannot hold.",
    ),
    (
        "{the: alone, is: no}",
        "{the: alone, is: no}\n        locked: {until: {the: alone, is: yes}, says: Wait.}",
        "103:25: item verdict can never be answered. Change until: it cannot hold.",
    ),
]


@pytest.mark.parametrize(("old", "new", "lines"), DEAD_ENDS)
def test_every_item_can_be_reached(tmp_path: Path, old: str, new: str, lines: str) -> None:
    """Nothing waits for itself, or for what cannot be."""
    assert told(tmp_path, (old, new)) == lines.splitlines()


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
