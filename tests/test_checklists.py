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
from bot.domain.answers import Picked
from bot.domain.checklist import Asked, Checklist, Field, Kind, Severity
from bot.domain.conditions import Fact, Shifted
from bot.domain.events import RowPut
from bot.domain.lint.condition_refs import parts_of
from bot.domain.negotiation import FORM
from bot.domain.readiness.item_gaps import applies
from bot.domain.readiness.readiness import gaps_once
from tests.factories import happen, negotiation
from tests.ready import TODAY, cases, ready

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

# How many rules of each severity an item has at least: blockers, waivable or not, major, minor. Some items are two
# in the checklist, because a table or a late question stands beside the answer it belongs to.
SEVERITIES = {
    ("goals", "asks"): (2, 3, 1),
    ("their_aims",): (1, 2, 0),
    ("ledger",): (6, 1, 0),
    ("deciders",): (1, 2, 0),
    ("roster",): (5, 3, 0),
    ("enforcers",): (1, 0, 0),
    ("promises",): (1, 1, 0),
    ("withheld", "worth"): (1, 1, 0),
    ("precedents",): (0, 0, 1),
    ("rung",): (1, 0, 0),
    ("crewed",): (1, 0, 0),
    ("steps",): (3, 2, 1),
    ("standards",): (0, 2, 1),
    ("minimum",): (1, 1, 0),
    ("capability",): (2, 1, 0),
    ("price",): (1, 1, 0),
    ("motive",): (0, 2, 0),
    ("alone",): (2, 0, 0),
    ("walk_away",): (2, 0, 0),
    ("parties", "signals"): (6, 4, 0),
    ("linkages",): (1, 1, 0),
    ("balance", "acceptance"): (1, 1, 0),
    ("mandate", "red_lines"): (2, 1, 0),
    ("verdict", "conditions"): (2, 0, 0),
}
ELSEWHERE = {"bilateral": {"crewed": "headline"}}
DUE = {"goals": 60, "deciders": 45, "roster": 21, "steps": 30}
NEVER_WAIVED = {
    "us-china-space": {"goals/no_must", "crewed/premature", "withheld/unsafe", "mandate/none", "red_lines/crossed",
                       "verdict/open_blocker"},
    "bilateral": {"withheld/unsafe", "mandate/none", "red_lines/crossed", "verdict/open_blocker"},
}  # fmt: skip
NEVER_LEAVES = {  # and more: those that the paper's reader would least want to see in a version for partners
    *("red_lines", "walk_away", "withheld", "worth", "price", "alone", "their_way", "issues", "linkages", "signals"),
    *("home", "balance", "rehearsal", "review", "minimum.outcome", "goals.fallback", "goals.interest"),
    *("ledger.military", "ledger.authority", "ledger.gains", "their_aims.reply", "their_aims.price"),
    *("parties.position", "parties.reply", "parties.condition", "parties.wants_in", "lines.leak", "steps.trigger"),
    *("roster.principal", "roster.source", "deciders.position", "deciders.approach"),
}
OURS_ALONE = (  # of what is ours no unknown is ever a question to them
    *("rung", "goals", "asks", "ledger", "withheld", "worth", "minimum", "steps", "issues", "price", "their_way"),
    *("alone", "walk_away", "mandate", "red_lines", "home", "team", "lines", "texts", "balance", "acceptance"),
    *("rehearsal", "review", "verdict", "conditions", "linkages", "signals", "parties"),
)
LONGEST_GAP = 140
VISIT, WHOLE = "contacts", {"us-china-space": "uncrewed", "bilateral": "full"}
TAPPED = {Kind.YES_NO, Kind.YES_PARTLY_NO, Kind.CHOICE, Kind.CHOICES}

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
        had = Counter(rule.severity for item in ids for rule in checklist.item[item].gaps)
        given = tuple(had[severity] for severity in Severity)
        assert all(one >= other for one, other in zip(given, wanted, strict=True)), (ids, given, wanted)


@pytest.mark.slow
@both
def test_what_nobody_can_accept_is_only_what_no_responsible_lead_could(name: str) -> None:
    """In talks with anybody a headline, a price or goals that were not approved can be accepted by name."""
    there = {f"{item.id}/{rule.id}" for item, rule in _checklist(name).rules() if not rule.waivable}

    assert there == NEVER_WAIVED[name]


@both
def test_what_must_never_leave_is_internal_from_the_opening_on(name: str) -> None:
    """Red lines, floors, fallbacks, military value, prices, replies, and what we think of allies."""
    assert NEVER_LEAVES - _checklist(name).internal == set()


@both
def test_of_what_is_ours_or_others_no_unknown_is_a_question_to_them(name: str) -> None:
    """The list for the session holds nothing that says what we do not know of ourselves or of others."""
    checklist = _checklist(name)
    asked = {item: {checklist.item[item].asked_of, *(field.asked_of for field in checklist.item[item].fields)}
             for item in OURS_ALONE}  # fmt: skip

    assert [item for item, of in asked.items() if "them" in of] == []


@both
def test_what_is_internal_is_no_question_to_them(name: str) -> None:
    """What must not leave in writing is not read out either."""
    checklist = _checklist(name)
    told = [
        (item.id, field.id)
        for item in checklist.item.values()
        for field in item.fields
        if (item.internal or field.internal) and (field.asked_of or item.asked_of) == "them"
    ]

    assert told == []


@both
def test_each_section_opens_with_what_is_answered_in_a_tap(name: str) -> None:
    """Where rows are given, that is the first cell that is not."""
    for section in _checklist(name).sections:
        first = section.items[0]
        given = {cell for row in first.rows for cell in (*row.cells, row.into)}
        asked = next((field for field in first.fields if field.id not in given), None) or first
        assert asked.kind in TAPPED, section.id


@every
def test_every_gap_fits_a_glance_and_names_something(name: str) -> None:
    """In no case is a gap longer than a glance, or has a hole where a name should stand; nor has its cure."""
    found = [gap for case in cases(name) for gap in gaps_once(case.negotiation(), case.today)]
    said = {gap.says for gap in found}

    assert len(said) > 150
    assert [says for says in said if len(says) > LONGEST_GAP] == []
    assert [says for says in said if "  " in says or "“”" in says or " ." in says or "{" in says] == []
    assert [says for says in said if "unnamed row" in says] == []
    assert [gap.mend for gap in found if set("{}") & set(gap.mend)] == []


def test_no_text_rests_on_what_may_be_left_blank_at_the_opening() -> None:
    """Nothing is put in for an opening question, but rows; so “None” never leaves a hole in a sentence."""
    openers = {opener.id for opener in _checklist("bilateral").opening}
    braces = set(re.findall(r"\{(\w+)\}", _file("bilateral").read_text()))

    assert openers
    assert braces & openers == set()


@both
def test_a_visit_shows_about_a_third_and_the_whole_shows_all(name: str) -> None:
    """Weight follows ambition; what is hidden in small talks is shown while nobody has said how far they aim."""
    n = ready(name).negotiation()

    def shown(planned: str) -> set[str]:
        level = RowPut(item="rung", row=FORM, cells={"planned": Picked(options=(planned,))})
        return {item.id for item in n.checklist.item.values() if applies(happen(n, level), item, TODAY)}

    late = {"worth", "acceptance", "conditions"}  # asked where another answer asks for them
    assert shown(WHOLE[name]) | late == set(n.checklist.item)
    assert len(shown(VISIT)) <= len(n.checklist.item) * (0.34 if name == "bilateral" else 0.45)
    opened = negotiation(checklist=name)
    assert {item.id for item in opened.checklist.item.values() if applies(opened, item, TODAY)} | late == set(
        n.checklist.item
    )


@both
def test_every_date_is_looked_at_again(name: str) -> None:
    """One that grows neither old nor due would stay true for ever."""
    checklist = _checklist(name)
    dates = [(item, field) for item in checklist.item.values() for field in item.fields if field.kind == Kind.DATE]
    assert dates
    for item, field in dates:
        facts = [part for rule in item.gaps for part in parts_of(rule.when) if isinstance(part, Fact)]
        aging = {fact.the for fact in facts if fact.older_than is not None or fact.before is not None}
        compared = {fact.after for fact in facts if isinstance(fact.after, str)} | {
            bound.the for fact in facts if isinstance(bound := fact.before, Shifted)
        }
        assert not (aging | compared).isdisjoint({f".{field.id}", f"{item.id}.{field.id}"}), (item.id, field.id)


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
    planned, done = (checklist.item["rung"].field[field] for field in ("planned", "done"))
    public = checklist.item["minimum"].field["public_rung"]

    assert planned.options == done.options == public.options
    assert planned.ordered
    assert done.ordered
    assert public.ordered


@both
def test_what_has_happened_is_asked_as_what_has(name: str) -> None:
    """A date is the last such day where it is asked when something happened, and there alone."""
    dates = {field.id: field.past for field in _asked(_checklist(name)) if field.kind == Kind.DATE}

    assert {field for field, past in dates.items() if past} == {
        *("approved_on", "verified_on", "rehearsed_on", "consulted_on", "given_on", "told_on", "held_on", "on"),
    }
    assert {field for field, past in dates.items() if not past} == {
        *("by", "needed_by", "ready_by", "asset_retires", "next_update", "due", "until", "no_return", "shown_by"),
        "deadline",
    }


def test_bilateral_names_no_country_and_no_field() -> None:
    """The general checklist serves any talks."""
    assert NAMES.findall(_file("bilateral").read_text()) == []


@pytest.mark.slow
def test_both_ask_the_same() -> None:
    """What one checklist asks and judges, the other does too; the general one asks besides whether they are a rival."""
    mine, other = _checklist("us-china-space"), _checklist("bilateral")
    called = ELSEWHERE["bilateral"]

    assert [called.get(item, item) for item in mine.item] == list(other.item)
    for item in mine.item.values():
        twin = other.item[called.get(item.id, item.id)]
        assert item.from_ == twin.from_
        assert item.due == twin.due
        assert (item.asked_of, item.internal) == (twin.asked_of, twin.internal)
        fields = [field for field in twin.fields if (item.id, field.id) != ("rung", "rival")]
        assert [_plain(field) for field in item.fields] == [_plain(field) for field in fields]
        weights = [(rule.id, rule.severity) for rule in item.gaps]
        assert len(weights) <= len(twin.gaps)
        assert [severity for _, severity in weights] == [rule.severity for rule in twin.gaps][: len(weights)]


def _plain(field: Field) -> tuple[object, ...]:
    return field.id, field.kind, field.past, field.required, field.asked_of, field.internal


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
