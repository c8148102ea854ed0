"""The checklists that come with the bot say all that the paper argues, in their own words.

What holds for the one after another method alone is in `tests.test_humanitarian`.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.authoring import lint, read_checklist
from bot.domain.checklist import Asked, Checklist, Kind, Severity

CHECKLISTS = Path(__file__).parents[1] / "checklists"
OURS = ("us-china-space", "bilateral")  # after the paper
POINTS = (
    *(f"T{nth}" for nth in range(1, 9)),
    *(f"L{nth}" for nth in range(1, 5)),
    *(f"A{nth}" for nth in range(1, 7)),
    *(f"C{nth}" for nth in range(1, 3)),
    *(f"B{nth}" for nth in range(1, 15)),
)

# The runs of seven words of the paper, as the first 8 bytes of their SHA-256: the paper itself stays
# out of the repository. Only its title may be cited.
PAPER = Path(__file__).with_name("paper_shingles.json")
RUN = 7

# How many rules of each severity an item has: never waivable, blocker, major, minor. Some items are two
# in the checklist, because a table or a late question stands beside the answer it belongs to.
SEVERITIES = {
    ("goals",): (1, 1, 0, 0),
    ("their_aims",): (0, 1, 2, 0),
    ("asks",): (0, 0, 3, 1),
    ("ledger",): (0, 6, 1, 0),
    ("deciders",): (0, 1, 2, 0),
    ("roster",): (0, 5, 3, 0),
    ("enforcers",): (0, 1, 0, 0),
    ("promises",): (0, 1, 1, 0),
    ("withheld", "worth"): (1, 0, 1, 0),
    ("precedents",): (0, 0, 0, 1),
    ("rung",): (0, 1, 0, 0),
    ("crewed",): (1, 0, 0, 0),
    ("steps",): (0, 3, 2, 1),
    ("standards",): (0, 0, 2, 1),
    ("minimum",): (0, 1, 1, 0),
    ("capability",): (0, 2, 1, 0),
    ("price",): (1, 0, 1, 0),
    ("motive",): (0, 0, 2, 0),
    ("alone",): (0, 2, 0, 0),
    ("walk_away",): (0, 2, 0, 0),
    ("parties",): (0, 6, 3, 0),
    ("linkages",): (0, 1, 1, 0),
    ("signals",): (0, 0, 1, 0),
    ("balance", "acceptance"): (0, 1, 1, 0),
    ("mandate", "red_lines"): (2, 0, 1, 0),
    ("verdict", "conditions"): (1, 1, 0, 0),
}
ELSEWHERE = {"bilateral": {"crewed": "headline"}}
DUE = {"goals": 60, "deciders": 45, "roster": 21, "steps": 30}

PHONE = 28  # characters of a button that a phone shows in full
LONG = 160  # characters of a question that still reads at a glance
NAMES = re.compile(
    r"u\.s\.|\b(?:america\w*|china|chinese|prc|india\w*|taiwan|japan\w*|korea\w*|russia\w*|canad\w+|australia\w*"
    r"|asia\w*|strait|esa|nasa|space\w*|orbit\w*|crew\w*|station|satellite\w*|launch\w*|flight\w*)\b",
    re.IGNORECASE,
)

both = pytest.mark.parametrize("name", OURS)
every = pytest.mark.parametrize("name", sorted(path.stem for path in CHECKLISTS.glob("*.yaml")))


@pytest.mark.slow
@every
def test_it_reads(name: str) -> None:
    """The checklist has no mistake, and its file is called after it."""
    assert lint([_file(name)]) == []
    assert name == _checklist(name).id


@both
def test_no_point_of_the_paper_is_left_without_an_item(name: str) -> None:
    """Each point of the paper is named by an item, and no item names a point that is none."""
    checklist = _checklist(name)

    assert set(POINTS) == set(checklist.points)
    assert set(POINTS) == {point for item in checklist.item.values() for point in item.from_}
    assert {point for _, rule in checklist.rules() for point in rule.from_} <= set(POINTS)


@pytest.mark.slow
@every
def test_a_rule_speaks_for_points_of_its_item(name: str) -> None:
    """A rule that names points names those of its item."""
    for item, rule in _checklist(name).rules():
        assert set(rule.from_) <= set(item.from_), f"{item.id}.{rule.id}"


@every
def test_it_copies_nothing_of_the_paper(name: str) -> None:
    """Seven words of the paper never follow each other."""
    paper = set(json.loads(PAPER.read_text()))
    text = _file(name).read_text().replace(_title(name), "")

    assert [run for run in runs(text) if shingle(run) in paper] == []


@both
def test_it_has_every_rule_of_the_domain(name: str) -> None:
    """No item has fewer rules of a severity than the domain gives it."""
    checklist = _checklist(name)

    for items, wanted in SEVERITIES.items():
        ids = [ELSEWHERE.get(name, {}).get(item, item) for item in items]
        rules = [rule for item in ids for rule in checklist.item[item].gaps]
        had = Counter(rule.severity if rule.waivable else "never waivable" for rule in rules)
        given = tuple(had[one] for one in ("never waivable", Severity.BLOCKER, Severity.MAJOR, Severity.MINOR))
        assert all(one >= other for one, other in zip(given, wanted, strict=True)), (ids, given, wanted)


@pytest.mark.slow
@both
def test_what_is_due_early_is_due_early(name: str) -> None:
    """Some items have a fixed due day."""
    assert {item: _checklist(name).item[item].due for item in DUE} == DUE


@pytest.mark.slow
@every
def test_every_item_has_a_due_day(name: str) -> None:
    """Nothing is left for the last evening unsaid."""
    assert [item.id for item in _checklist(name).item.values() if item.due is None] == []


@pytest.mark.slow
@every
def test_it_fits_a_phone(name: str) -> None:
    """Buttons are read in full, and questions at a glance."""
    for asked in _asked(_checklist(name)):
        assert len(asked.label) <= PHONE, asked.label
        assert len(asked.ask) <= LONG, asked.ask
        assert [option.label for option in asked.options if len(option.label) > PHONE] == []


@both
def test_rungs_are_the_same_everywhere(name: str) -> None:
    """Rungs are compared by rank, so the lists of rungs agree."""
    checklist = _checklist(name)
    planned, done = checklist.item["rung"].fields
    public = checklist.item["minimum"].field["public_rung"]

    assert planned.options == done.options == public.options
    assert planned.ordered
    assert done.ordered
    assert public.ordered


@both
def test_what_has_happened_is_asked_as_what_has(name: str) -> None:
    """A date is the last such day where it is asked when something happened, and there alone."""
    dates = {field.id: field.past for field in _asked(_checklist(name)) if field.kind == Kind.DATE}

    assert [field for field, past in dates.items() if past] == [
        *("approved_on", "verified_on", "rehearsed_on", "consulted_on", "given_on"),
    ]
    assert [field for field, past in dates.items() if not past] == [
        *("by", "needed_by", "ready_by", "asset_retires", "next_update"),
    ]


def test_bilateral_names_no_country_and_no_field() -> None:
    """The general checklist serves any talks."""
    assert NAMES.findall(_file("bilateral").read_text()) == []


@pytest.mark.slow
def test_both_ask_the_same() -> None:
    """What one checklist asks and judges, the other does too."""
    mine, other = _checklist("us-china-space"), _checklist("bilateral")
    called = ELSEWHERE["bilateral"]

    assert [called.get(item, item) for item in mine.item] == list(other.item)
    for item in mine.item.values():
        twin = other.item[called.get(item.id, item.id)]
        assert item.from_ == twin.from_
        assert item.due == twin.due
        assert list(item.field) == list(twin.field)
        assert [field.past for field in item.fields] == [field.past for field in twin.fields]
        assert [rule.severity for rule in item.gaps] == [rule.severity for rule in twin.gaps][: len(item.gaps)]


def runs(text: str) -> Iterator[str]:
    """Every run of seven words of a text, in small letters, with neither marks nor hyphens."""
    joined = re.sub(r"-\s*\n\s*", "", text.lower()).replace("’", "").replace("'", "")
    words = re.findall(r"[a-z0-9]+", joined)
    return (" ".join(words[nth : nth + RUN]) for nth in range(len(words) - RUN + 1))


def shingle(run: str) -> str:
    """What a run of words is known by in `PAPER`."""
    return hashlib.sha256(run.encode()).hexdigest()[:16]


def _title(name: str) -> str:
    """The paper's title, where the checklist cites it."""
    return "U.S.–China Space Cooperation: More Costs Than Benefits" if name == "us-china-space" else ""


def _asked(checklist: Checklist) -> Iterator[Asked]:
    for item in checklist.item.values():
        yield item
        yield from item.fields


def _file(name: str) -> Path:
    return CHECKLISTS / f"{name}.yaml"


def _checklist(name: str) -> Checklist:
    return read_checklist(_file(name))
