"""`readiness check`: the tests of a checklist, as its author writes them and reads what does not come out."""

from __future__ import annotations

from textwrap import dedent
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest
from click.testing import CliRunner, Result

from bot.__main__ import main
from bot.authoring.case_coverage import uncovered_in
from bot.authoring.cases import EXPECTED, KEYS, case_files
from bot.authoring.mutation import survivors_in
from tests.ready import CHECKLISTS

if TYPE_CHECKING:
    from pathlib import Path

CHECKLIST = """
    id: small
    version: 1
    title: A small one
    about: For tests.
    source: None.
    opening: [{id: partners, label: Partners, ask: Who?, lines: true}]
    points: {T1: Openness.}
    sections:
      - id: all
        title: All
        about: All of it.
        items:
          - id: deal
            label: Deal
            ask: Do we want a deal?
            kind: choice
            options: [{id: big, label: Big}, {id: small, label: Small}]
            why: To know.
            from: [T1]
          - id: price
            label: Price
            ask: What may it cost?
            kind: number
            why: To know.
            from: [T1]
            show_if: {the: deal, is: big}
            locked: {until: {count: people, over: 0}, says: First say who comes.}
            gaps: [{id: dear, severity: blocker, waivable: false, when: {the: price, over: 10},
                    says: It is too dear., mend: Ask for less.}]
          - id: people
            label: People
            ask: Who comes?
            kind: table
            why: To know.
            from: [T1]
            fields:
              - {id: name, label: Name, ask: Who?, kind: text, required: true}
              - {id: since, label: Since, ask: Since when?, kind: date}
              - {id: knows, label: Knows, ask: Whom?, kind: row, of: people}
            gaps: [{id: new, severity: major, each: true, when: {the: .since, missing: true},
                    says: "Nobody knows since when {row} is there.", mend: Ask.}]
"""
DAYS = """
    opened: 2027-01-01
    talks: 2027-03-01
    today: 2027-02-01
"""
ANSWERS = """
    answers:
      deal: big
      price: 12
      people: {r1: {name: Sample A, since: 2026-01-01}, r2: {name: Sample B, knows: r1}}
"""


@pytest.fixture
def check(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Try a case of the small checklist; what is told, without the folder."""
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "tests" / "small"
    folder.mkdir(parents=True)
    (tmp_path / "small.yaml").write_text(dedent(CHECKLIST))

    def checks(case: str, path: str = ".", *options: str, **files: str) -> Result:
        for name, text in {"one": case, **files}.items():
            (folder / f"{name}.yaml").write_text(dedent(text))
        return CliRunner().invoke(main, ["check", path, *options])

    return checks


def test_what_comes_out_as_expected_is_counted(check) -> None:
    told = check(
        DAYS
        + ANSWERS
        + """
    expect:
      state: not ready
      gaps: [price/dear, people/new/Sample B]
      asked: [price]
      not_locked: [price]
"""
    )
    assert (told.exit_code, told.output) == (0, "1 case comes out as expected.\n")


@pytest.mark.parametrize(
    ("expected", "says"),
    [
        ("gaps: [price/dear]", "people/new/r2 should not be open. It says: Nobody knows since when Sample B is there."),
        ("gaps: []", "price/dear should not be open, and 1 more. It says: It is too dear."),
        ("open: [people/new/r1]", ("people/new/r1 should be open. The nearest that is open: people/new/r2 (Nobody "
         "knows since when Sample B is there.)")),
        ("open: [price/deer]", "price/deer should be open. The nearest that is open: price/dear (It is too dear.)"),
        ("open: [deal/unanswered]", "deal/unanswered should be open. No gap like it is open."),
        ("closed: [price/dear]", "price/dear should not be open. It says: It is too dear."),
        ("majors: [price/dear]", ("price/dear should be a major gap, and is a blocker one. Look at its severity and "
         "what makes it lighter.")),
        ("blockers: []", "price/dear should not be an open blocker gap. It says: It is too dear."),
        ("minors: [price/deer]", "price/deer should be open. The nearest that is open: price/dear (It is too dear.)"),
        ("state: ready", "the state should be ready and is not ready. It says: price/dear: It is too dear."),
        ("state: redy", "“redy” is no state. Use one of: not ready, conditional, ready."),
        ("not_asked: [price]", "price should not be asked. Look at its condition."),
        ("locked: [price]", "price should be locked. Look at its condition."),
        ("not_asked: [people.name/r1]", "people.name/r1 should not be asked. Look at its condition."),
        ("asked: [people.name/r3]", "there is no row of people “r3”. Use one of: r1, r2."),
        ("asked: [people.nam/r1]", "there is no field of people “nam”. Did you mean name?"),
        ("asked: [prize]", "there is no item “prize”. Did you mean price?"),
        ("gap: [price/dear]", "there is no expectation “gap”. Did you mean gaps?"),
        ("open: price/dear", "“open” is a list. Write [a, b], or a dash before each."),
    ],
)  # fmt: skip
def test_the_first_difference_is_told_where_it_is_expected(check, expected: str, says: str) -> None:
    told = check(f"{DAYS}{ANSWERS}    expect:\n      {expected}\n")
    where, _, what = told.output.partition(": ")
    assert what.strip() == says
    assert where.startswith("tests/small/one.yaml:11:")
    assert told.exit_code == 1


@pytest.mark.parametrize(
    ("written", "line", "says"),
    [
        ("answers: {deel: big}", 5, "there is no item “deel”. Did you mean deal?"),
        ("answers: {deal: bigger}", 5, "there is no option of deal “bigger”. Did you mean big?"),
        ("answers: {deal: [big, small]}", 5, "deal takes one answer. Write it without a list."),
        ("answers: {price: a lot}", 5, "“a lot” is not a number. Correct it."),
        ("answers: {people: {r1: {since: soon}}}", 5, "“soon” is not a date as 2027-03-12. Correct it."),
        ("answers: {people: {r1: {nam: x}}}", 5, "there is no field of people “nam”. Did you mean name?"),
        ("answers: {people: {r1: {knows: r3}}}", 5, "there is no row of people “r3”. Use one of: r1."),
        ("answers: {people: Sample A}", 5, "people is answered by its fields. Write key: value, a line each."),
        ("answers: {price: true}", 5, ("this is no single value. Write one word, number, date or text, in quotes if in "
         "doubt.")),
        ("answers: [deal]", 5, "“answers” is written as keys and values. Write key: value, a line each."),
        ("confirmed: [peple]", 5, "there is no item “peple”. Did you mean people?"),
        ("waived: {price/dear: Fine.}", 5, ("the gap price/dear is not open, and cannot be waived. No gap like it is "
         "open.")),
        ("opening: {partner: x}", 5, "there is no opening question “partner”. Did you mean partners?"),
        ("like: two", 5, "there is no two.yaml beside this file. Use one of: one."),
        ("today: 2027-02-30", 5, 'the key "today" stands twice, first on line 4. Keep one of them.'),
        ("anwers: {}", 5, "there is no key “anwers”. Did you mean answers?"),
        ("cases: []", 5, "“cases” is a list. Begin each case with a dash."),
        ("counterpart: Ruritania", 1, ("this case expects nothing. Say under “expect” some of: state, gaps, "
         "blockers, majors, minors, open, "
         "closed, asked, not_asked, locked, not_locked.")),
    ],
)  # fmt: skip
def test_what_cannot_be_used_is_told_where_it_stands(check, written: str, line: int, says: str) -> None:
    told = check(f"{DAYS}    {written}\n")
    where, _, what = told.output.partition(": ")
    assert what.strip() == says
    assert where.startswith((f"tests/small/one.yaml:{line}:", "tests/small/one.yaml:2:"))
    assert told.exit_code == 1


def test_what_can_never_be_waived_is_not_waived_in_a_case_either(check) -> None:
    told = check(f"{DAYS}{ANSWERS}    waived: {{price/dear: Fine.}}\n    expect: {{state: ready}}\n")
    assert "the gap price/dear can never be waived. Close it." in told.output


def test_what_is_accepted_counts_for_the_state_and_not_among_the_gaps(check) -> None:
    told = check(
        DAYS
        + """
    answers:
      deal: small
      people: {r1: {name: Sample A}}
    waived: {people/new/Sample A: We know them.}
    expect: {state: ready, gaps: []}
"""
    )
    assert told.exit_code == 0, told.output


def test_cases_of_one_file_share_what_is_said_for_all_and_say_the_rest(check) -> None:
    """Cell by cell; null takes an answer, a row or a cell out again, and what is changed later comes later."""
    told = check(
        DAYS
        + ANSWERS
        + """
    cases:
      - case: cheap enough
        answers: {price: 9}
        expect: {gaps: [people/new/r2]}
      - case: nobody new
        answers: {people: {r2: null}}
        expect: {gaps: [price/dear]}
      - case: one cell more
        answers: {people: {r2: {since: 2026-02-01}}}
        expect: {gaps: [price/dear]}
      - case: no day any more
        then: {people: {r1: {since: null}}}
        expect: {open: [people/new/Sample A]}
      - case: no big deal
        answers: {deal: {not_applicable: Nothing is on offer.}}
        expect: {not_asked: [price], closed: [price/dear]}
      - case: this one is wrong
        expect: {gaps: [people/new/r2]}
"""
    )
    assert told.output.startswith("tests/small/one.yaml:28:")
    assert "this one is wrong: price/dear should not be open" in told.output
    assert told.output.count("\n") == 1


def test_a_case_may_begin_with_the_case_of_another_file(check) -> None:
    told = check(
        "like: base\nthen: {price: 9}\nexpect: {gaps: [people/new/r2]}\n",
        base=f"{DAYS}{ANSWERS}    expect: {{gaps: [price/dear, people/new/r2]}}\n",
    )
    assert told.output == "2 cases come out as expected.\n"


@pytest.mark.parametrize("path", [".", "small.yaml", "tests/small", "tests/small/one.yaml"])
def test_a_folder_a_checklist_and_a_file_of_cases_may_be_named(check, path: str) -> None:
    told = check(f"{DAYS}{ANSWERS}    expect: {{state: not_ready}}\n", path)
    assert told.output == "1 case comes out as expected.\n"


def test_where_there_is_no_case_that_is_said(tmp_path: Path) -> None:
    told = CliRunner().invoke(main, ["check", str(tmp_path)])
    assert (told.exit_code, told.output) == (
        2,
        "readiness: There is no case here. The cases of NAME.yaml are the files tests/NAME/*.yaml beside it.\n",
    )


def test_mistakes_of_the_checklist_come_first(check, tmp_path: Path) -> None:
    check(DAYS)
    (tmp_path / "small.yaml").write_text("id: small\n")
    told = CliRunner().invoke(main, ["check", "."])
    assert told.exit_code == 1
    assert told.output.startswith("small.yaml:1:1: ")


def test_the_cases_in_the_documentation_come_out(tmp_path: Path) -> None:
    written = (
        (CHECKLISTS.parent / "docs" / "checklists" / "testing.md").read_text().split("```yaml\n")[1].split("```")[0]
    )
    folder = tmp_path / "tests" / "us-china-space"
    folder.mkdir(parents=True)
    (folder / "shown.yaml").write_text(written)
    (tmp_path / "us-china-space.yaml").write_bytes((CHECKLISTS / "us-china-space.yaml").read_bytes())
    told = CliRunner().invoke(main, ["check", str(folder / "shown.yaml")])
    assert told.output == "3 cases come out as expected.\n"


def test_every_key_of_a_case_is_documented() -> None:
    page = (CHECKLISTS.parent / "docs" / "checklists" / "testing.md").read_text()
    assert all(f"`{key}`" in page for key in (*KEYS, *EXPECTED))


# How far the cases go


BIG = f"{DAYS}{ANSWERS}    expect: {{gaps: [price/dear, people/new/r2]}}\n"


def test_rules_that_no_case_sees_open_or_closed_are_named(check) -> None:
    told = check(BIG, ".", "--coverage")
    assert told.output.splitlines() == [
        "small.yaml:29:21: the gap price/dear is closed in no case. Add one in which it is.",
        "small.yaml:41:21: the gap people/new is closed in no case. Add one in which it is.",
    ]
    assert told.exit_code == 1
    told = check(
        f"{DAYS}    answers: {{deal: big, price: 9}}\n    expect: {{gaps: [people/unanswered]}}\n", ".", "--coverage"
    )
    assert told.output.splitlines() == [
        "small.yaml:29:21: the gap price/dear is open in no case. Add one in which it is.",
        "small.yaml:41:21: the gap people/new is open in no case. Add one in which it is.",
    ]


def test_where_cases_see_every_rule_open_and_closed_nothing_is_named(check) -> None:
    told = check(
        BIG, ".", "--coverage", two=f"{DAYS}    answers: {{deal: big, price: 9}}\n    expect: {{state: ready}}\n"
    )
    assert (told.exit_code, told.output) == (0, "2 cases come out as expected.\n")


def test_changes_of_conditions_that_no_case_notices_are_named(check) -> None:
    """What is over 10 might as well be over 11, as long as every case says 12 or nothing."""
    told = check(
        BIG,
        ".",
        "--mutate",
        two=f"{DAYS}    answers: {{deal: small}}\n    expect: {{not_asked: [price], state: ready}}\n",
    )
    said = [line.partition(" Add a case")[0] for line in told.output.splitlines()]
    assert said[0] == "2 cases come out as expected."
    assert said[1:-1] == [
        "small.yaml:28:25: no case would notice that this is left out.",
        "small.yaml:28:25: no case would notice that this says the opposite.",
        "small.yaml:28:47: no case would notice that this is -1, and not 0.",
        "small.yaml:28:47: no case would notice that this is 1, and not 0.",
        "small.yaml:29:88: no case would notice that this is 9, and not 10.",
        "small.yaml:29:88: no case would notice that this is 11, and not 10.",
    ]
    assert said[-1] == "small.yaml: 6 of 12 changes of single conditions are noticed (50.0 %)."
    assert told.exit_code == 0


def test_what_comes_out_is_written_as_junit_xml(check, tmp_path: Path) -> None:
    """A suite for each checklist, with what failed and where."""
    told = check(
        f"{DAYS}{ANSWERS}    cases:\n      - {{case: dear, expect: {{open: [price/dear]}}}}\n"
        "      - {case: cheap, expect: {closed: [price/dear]}}\n",
        ".", "--junit", "out.xml",
    )  # fmt: skip
    assert told.exit_code == 1
    (suite,) = ET.fromstring((tmp_path / "out.xml").read_text())  # noqa: S314 (we wrote it)
    assert (suite.get("name"), suite.get("tests"), suite.get("failures")) == ("small.yaml", "2", "1")
    assert [case.get("name") for case in suite] == ["dear", "cheap"]
    (failure,) = suite[1]
    assert failure.get("message") == "cheap: price/dear should not be open. It says: It is too dear."
    assert (failure.text or "").startswith("tests/small/one.yaml:12:")


@pytest.mark.prove
@pytest.mark.parametrize("file", sorted(CHECKLISTS.glob("*.yaml")), ids=lambda file: file.name)
def test_the_cases_of_our_own_checklists_notice_nearly_every_change(file: Path) -> None:
    """95 of 100 changes of a single condition: the others make no difference, or hardly any. It takes a minute."""
    number, survivors = survivors_in(file, case_files(file)[file])
    assert number > 500
    assert len(survivors) <= number / 20, [str(survivor) for survivor in survivors]


@pytest.mark.prove
@pytest.mark.parametrize("file", sorted(CHECKLISTS.glob("*.yaml")), ids=lambda file: file.name)
def test_every_rule_of_our_own_checklists_is_seen_open_and_closed(file: Path) -> None:
    assert uncovered_in(file, case_files(file)[file]) == []


# Beginning one


def test_a_checklist_is_begun_sound_and_with_cases_that_come_out(tmp_path: Path) -> None:
    """Its cases see every rule open and closed, and notice every change of a condition; nothing is warned of."""
    folder = str(tmp_path / "own")
    told = CliRunner().invoke(main, ["new", "fish-quotas", "--folder", folder])
    assert told.exit_code == 0, told.output
    assert CliRunner().invoke(main, ["lint", folder]).output == "1 checklist is sound.\n"
    assert CliRunner().invoke(main, ["check", folder, "--coverage", "--mutate"]).output.splitlines() == [
        "3 cases come out as expected.",
        f"{folder}/fish-quotas.yaml: 2 of 2 changes of single conditions are noticed (100.0 %).",
    ]


def test_what_is_there_already_is_not_begun_anew(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text("mine")
    told = CliRunner().invoke(main, ["new", "mine", "--folder", str(tmp_path)])
    assert (told.exit_code, told.output) == (
        2,
        f"readiness: {tmp_path}/mine.yaml is there already; nothing was written. Choose another name.\n",
    )
    assert CliRunner().invoke(main, ["new", "My own", "--folder", str(tmp_path)]).exit_code == 2
    assert [path.name for path in tmp_path.iterdir()] == ["mine.yaml"]
