"""Tests of a checklist: what was answered by some day, and which gaps, state and questions that must leave.

A file of cases lies in ``tests/NAME/`` beside the checklist ``NAME.yaml``. It is one case, or says what several
``cases`` of it have in common; each of those then says the rest, or says it otherwise. Answers are written as in
a checklist: an option's id (a list of them where several are taken), an ISO date, a number, a row's id, else text;
``unknown`` and ``{not_applicable: why}``; a form by its fields, a table by its rows' ids. Null is a blank or no row.
``then`` holds what was changed later, and ``like`` names a file beside this one whose only case this one begins with.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from pathlib import Path

from pydantic import ValidationError

from bot.authoring.diagnostics import Mistake, Unsound
from bot.authoring.yaml_reader import Data, YamlDocument, files_in, page
from bot.domain.answers import UNKNOWN, NotApplicable, Unknown, Value
from bot.domain.checklist import Asked, Checklist, Item, Kind, Severity
from bot.domain.events import Answered, AnyEvent, Confirmed, Joined, Opened, Role, RowPut, RowRemoved, Waived
from bot.domain.lint import Path as DataPath
from bot.domain.lint import meant, nearest
from bot.domain.negotiation import FORM, Happened, Negotiation
from bot.domain.projection import after, literal, opened
from bot.domain.readiness.item_gaps import Gap, applies, locked
from bot.domain.readiness.readiness import State, gaps_once, verdict
from bot.domain.readiness.rules import Scope, holds

FOLDER = "tests"  # beside the checklists
LEAD = "lead"  # who opens, answers and waives
KEYS = ("case", "like", "opened", "answered", "today", "talks", "counterpart", "subject", "opening", "answers",
        "confirmed", "then", "waived", "expect")  # fmt: skip
BEGINNING = ("opened", "answered", "talks", "counterpart", "subject", "opening", "answers", "confirmed")
Told = tuple[Negotiation, tuple[Happened, ...]]
WEIGHTS = {f"{severity}s": severity for severity in Severity}
ASKED = ("asked", "not_asked", "locked", "not_locked")
EXPECTED = ("state", "gaps", *WEIGHTS, "open", "closed", *ASKED)


class Wrong(Exception):
    """A part of a case that cannot be used, or does not come out: its path in the case, what is wrong, what to do."""

    def __init__(self, path: DataPath, what: str, mend: str) -> None:
        """Hold the three."""
        super().__init__(what)
        self.path, self.what, self.mend = path, what, mend


@dataclass(frozen=True, slots=True)
class Case:
    """One case as data, what its file says for all of them included."""

    checklist: Checklist
    read: YamlDocument
    data: Mapping[str, Data]
    own: DataPath = ()  # where in the file it stands
    begun: dict[tuple[int, ...], Told] = field(default_factory=dict, repr=False)  # shared by the cases of a file

    @property
    def name(self) -> str:
        """What it calls itself; empty when it does not."""
        return str(self.data.get("case", ""))

    def mistake(self, wrong: Wrong) -> Mistake:
        """What is wrong, where the case says it, or where its file says it for all."""
        own = (*self.own, *wrong.path)
        path = own if own in self.read.marks or wrong.path not in self.read.marks else wrong.path
        what = f"{self.name}: {wrong.what}" if self.name else wrong.what
        return self.read.mistake(path, what, wrong.mend, key=True)

    def negotiation(self) -> Negotiation:
        """The negotiation in which all this was answered. Raises `Wrong`."""
        return _told(self)[0]

    def history(self) -> tuple[Happened, ...]:
        """All that happened in it, from its opening. Raises `Wrong`."""
        return _told(self)[1]

    @property
    def today(self) -> date:
        """The day on which it is judged. Raises `Wrong`."""
        return _day(self.data, "today")

    def gaps(self, n: Negotiation) -> tuple[Gap, ...]:
        """Every gap of a negotiation on that day, accepted ones included."""
        return gaps_once(n, self.today)

    @property
    def names_asked(self) -> Iterator[str]:
        """The items and fields of which it says whether they are asked or locked. Raises `Wrong`."""
        expected = _part(self.data, "expect")
        return (name for key in ASKED for name in _list(expected.get(key), ("expect", key)))

    def prove(self, n: Negotiation) -> None:
        """Compare what comes of a negotiation with what is expected. Raises `Wrong` with the first difference."""
        _compare(self, n)


def case_files(path: Path) -> dict[Path, list[Path]]:
    """The files of cases that a path stands for, by their checklists' files, in order.

    A folder of checklists stands for all cases beside them, a checklist for its own, ``tests/NAME`` for those of
    NAME.yaml, a file of cases for itself.
    """
    if path.is_dir() and path.parent.name == FOLDER:
        return {path.parent.parent / f"{path.name}.yaml": sorted(path.glob("*.yaml"))}
    if path.parent.parent.name == FOLDER:
        return {path.parent.parent.parent / f"{path.parent.name}.yaml": [path]}
    return {file: sorted((file.parent / FOLDER / file.stem).glob("*.yaml")) for file in files_in(path)}


def cases_in(file: Path, checklist: Checklist) -> list[Case]:
    """The cases of a file. Raises `Unsound` where it cannot be read as such."""
    read = page(file)
    if read.mistakes:
        raise Unsound(read.mistakes)
    try:
        return _cases(read, checklist)
    except Wrong as wrong:
        raise Unsound([read.mistake(wrong.path, wrong.what, wrong.mend, key=True)]) from None


@dataclass(frozen=True, slots=True)
class CaseOutcome:
    """What came of a case, or of a file that cannot be read as cases (``case`` is None): no mistake, or these."""

    file: Path
    case: Case | None
    mistakes: tuple[Mistake, ...] = ()


def check(checklist: Checklist, files: Iterable[Path]) -> Iterator[CaseOutcome]:
    """Each case of these files, with its first difference where it does not come out as expected."""
    for file in files:
        try:
            cases = cases_in(file, checklist)
        except Unsound as unsound:
            yield CaseOutcome(file, None, unsound.mistakes)
            continue
        for case in cases:
            try:
                case.prove(case.negotiation())
                yield CaseOutcome(file, case)
            except Wrong as wrong:
                yield CaseOutcome(file, case, (case.mistake(wrong),))


def _cases(read: YamlDocument, checklist: Checklist) -> list[Case]:
    whole = _mapping(read.data, (), "A file of cases")
    listed = whole.get("cases")
    common = {key: value for key, value in whole.items() if key != "cases"}
    _known(common, KEYS, (), "key")
    if "like" in common:
        common = _overlaid(_like(read, _text(common["like"], ("like",)), checklist), common)
    if listed is None:
        return [Case(checklist, read, common)]
    begun: dict[tuple[int, ...], Told] = {}
    if not isinstance(listed, list) or not listed:
        raise Wrong(("cases",), "“cases” is a list", "Begin each case with a dash.")
    cases = []
    for number, each in enumerate(listed):
        path: DataPath = ("cases", number)
        own = _mapping(each, path, "A case")
        _known(own, [key for key in KEYS if key != "like"], path, "key")
        cases.append(Case(checklist, read, _overlaid(common, own), path, begun))
    return cases


def _like(read: YamlDocument, name: str, checklist: Checklist) -> Mapping[str, Data]:
    """The only case of a file beside this one, but for what it expects."""
    file = Path(read.file).with_name(f"{name}.yaml")
    if not file.is_file():
        there = [path.stem for path in file.parent.glob("*.yaml")]
        raise Wrong(("like",), f"there is no {file.name} beside this file", meant(name, there))
    cases = cases_in(file, checklist)
    if len(cases) != 1 or "like" in cases[0].data:
        raise Wrong(("like",), f"{file.name} holds several cases, or is like another", "Name a file of one case.")
    return {key: value for key, value in cases[0].data.items() if key not in {"case", "expect"}}


def _overlaid(common: Mapping[str, Data], own: Mapping[str, Data]) -> dict[str, Data]:
    """What is said for all with what is said of one over it, down to single cells."""
    merged = dict(common)
    for key, value in own.items():
        below = merged.get(key)
        lies_over = isinstance(value, dict) and isinstance(below, dict) and not {"not_applicable"} & {*value, *below}
        merged[key] = _overlaid(below, value) if lies_over else value  # type: ignore[arg-type] # both are mappings
    return merged


# What was answered


def _told(case: Case) -> Told:
    """The negotiation of a case with its history; what cases begin with alike is told once."""
    key = tuple(id(case.data.get(part)) for part in BEGINNING)
    n, line = case.begun[key] if key in case.begun else case.begun.setdefault(key, _beginning(case))
    today = case.today
    return _continued(n, line, today, (lambda n: _answers(case, "then", n), lambda n: _waived(case, n)))


def _continued(
    n: Negotiation, line: Sequence[Happened], day: date, steps: Sequence[Callable[[Negotiation], Iterable[AnyEvent]]]
) -> Told:
    told = list(line)
    for events in steps:
        for event in events(n):
            told.append(Happened(n.seq + 1, datetime.combine(day, time(12), UTC), LEAD, event))
            n = after(n, told[-1])
    return n, tuple(told)


def _beginning(case: Case) -> Told:
    data, checklist = case.data, case.checklist
    begun = _day(data, "opened")
    answered = _day(data, "answered") if "answered" in data else begun
    opening = dict.fromkeys([opener.id for opener in checklist.opening], "")  # nothing to name, unless it is said
    _known(_part(data, "opening"), opening, ("opening",), "opening question")
    opening |= {key: _text(value, ("opening", key)) for key, value in _part(data, "opening").items()}
    event = Opened(
        uid="0" * 16,
        checklist=checklist.digest,
        counterpart=_text(data.get("counterpart", checklist.counterpart or "Ruritania"), ("counterpart",)),
        subject=_text(data.get("subject", checklist.subject or "the bridge"), ("subject",)),
        talks_on=_day(data, "talks"),
        given=opening,
    )
    line = [Happened(1, datetime.combine(begun, time(9), UTC), LEAD, event)]
    n = opened(line[0], checklist)
    n, joined = _continued(n, line, begun, (lambda _n: [Joined(person=LEAD, name="Lead", role=Role.LEAD)],))
    return _continued(n, joined, answered, (lambda n: _answers(case, "answers", n), lambda _n: _confirmed(case)))


def _answers(case: Case, key: str, n: Negotiation) -> Iterator[AnyEvent]:
    answers = _part(case.data, key)
    _known(answers, case.checklist.item, (key,), "item")
    rows = {name: {*n.record(name).rows, *_rows(answers.get(name))} for name in case.checklist.item}
    for name, value in answers.items():
        item, path = case.checklist.item[name], (key, name)
        if item.has_rows and isinstance(value, dict) and "not_applicable" not in value:
            yield from _written(item, {FORM: value} if item.kind == Kind.FORM else value, path, n, rows)
        else:
            yield Answered(item=name, answer=None if value is None else _said(item, value, path, rows))


def _written(
    item: Item, table: Mapping[str, Data], path: DataPath, n: Negotiation, rows: Mapping[str, Collection[str]]
) -> Iterator[AnyEvent]:
    """What is written into the rows of an item, and which of the given rows are taken out."""
    for row, cells in table.items():
        at = path if item.kind == Kind.FORM else (*path, row)
        if cells is None:
            if row in n.record(item.id).rows:
                yield RowRemoved(item=item.id, row=row)
            continue
        written = _mapping(cells, at, "A row")
        _known(written, item.field, at, f"field of {item.id}")
        said = {name: None if cell is None else _cell(item.field[name], cell, (*at, name), rows)
                for name, cell in written.items()}  # fmt: skip
        yield RowPut(item=item.id, row=row, cells=said)


def _rows(value: Data) -> Iterable[str]:
    return [row for row, cells in value.items() if cells is not None] if isinstance(value, dict) else ()


def _said(
    asked: Asked, value: Data, path: DataPath, rows: Mapping[str, Collection[str]]
) -> Value | Unknown | NotApplicable:
    if isinstance(value, dict) and set(value) == {"not_applicable"}:
        return NotApplicable(reason=_text(value["not_applicable"], (*path, "not_applicable")))
    return _cell(asked, value, path, rows)


def _cell(asked: Asked, value: Data, path: DataPath, rows: Mapping[str, Collection[str]]) -> Value | Unknown:
    """A value as an author writes it. Raises `Wrong` where it is none of the kind asked for."""
    if value == "unknown":
        return UNKNOWN
    if asked.kind in {Kind.TABLE, Kind.FORM}:
        raise Wrong(path, f"{asked.id} is answered by its fields", "Write key: value, a line each.")
    written = [_text(each, path) for each in (value if isinstance(value, list) else [value])]
    if len(written) != 1 and asked.kind != Kind.CHOICES:
        raise Wrong(path, f"{asked.id} takes one answer", "Write it without a list.")
    if asked.choices:
        _known(written, asked.choices, path, f"option of {asked.id}", here=True)
    of = getattr(asked, "of", None)
    if of:
        _known(written, rows[of], path, f"row of {of}", here=True)
    try:
        return literal(asked, " ".join(written))
    except ValidationError:
        form = "a date as 2027-03-12" if asked.kind == Kind.DATE else "a number"
        raise Wrong(path, f"“{written[0]}” is not {form}", "Correct it.") from None


def _confirmed(case: Case) -> Iterator[AnyEvent]:
    for number, name in enumerate(_list(case.data.get("confirmed"), ("confirmed",))):
        _known([name], case.checklist.item, ("confirmed", number), "item", here=True)
        yield Confirmed(item=name)


def _waived(case: Case, n: Negotiation) -> Iterator[AnyEvent]:
    there = {gap.key: gap for gap in case.gaps(n)}
    for key, reason in _part(case.data, "waived").items():
        path = ("waived", key)
        gap = there.get(_key(n, key))
        if gap is None:
            raise Wrong(path, f"the gap {key} is not open, and cannot be waived", _near(key, there.values()))
        if not gap.waivable:
            raise Wrong(path, f"the gap {key} can never be waived", "Close it.")
        yield Waived(gap=gap.key, reason=_text(reason, path), until=n.talks_on, severity=gap.severity)


# What is expected


def _compare(case: Case, n: Negotiation) -> None:
    today, expected = case.today, _part(case.data, "expect")
    _known(expected, EXPECTED, ("expect",), "expectation")
    if not expected:
        raise Wrong((), "this case expects nothing", f"Say under “expect” some of: {', '.join(EXPECTED)}.")
    found = case.gaps(n)
    standing = [gap for gap in found if not gap.waiver]
    there = {gap.key: gap for gap in standing}
    wanted = {name: _list(expected.get(name), ("expect", name)) for name in EXPECTED if name != "state"}
    for name in ("gaps", "open"):
        for number, key in enumerate(wanted[name]):
            if _key(n, key) not in there:
                raise Wrong(("expect", name, number), f"{key} should be open", _near(key, there.values()))
    if "gaps" in expected and (more := there.keys() - {_key(n, key) for key in wanted["gaps"]}):
        gap = next(gap for key, gap in there.items() if key in more)
        others = f", and {len(more) - 1} more" if len(more) > 1 else ""
        raise Wrong(("expect", "gaps"), f"{_named(gap)} should not be open{others}", _advice(gap))
    for name in WEIGHTS.keys() & expected.keys():
        _weighed(n, wanted[name], WEIGHTS[name], ("expect", name), there)
    for number, key in enumerate(wanted["closed"]):
        if still := there.get(_key(n, key)):
            raise Wrong(("expect", "closed", number), f"{_named(still)} should not be open", _advice(still))
    _compare_items(case, n, wanted, today)
    if "state" in expected and (state := _state(expected["state"])) != (comes := verdict(found)):
        why = _advice(standing[0], n) if standing else "No gap is open."
        raise Wrong(("expect", "state"), f"the state should be {state} and is {comes}", why)


def _compare_items(case: Case, n: Negotiation, wanted: Mapping[str, list[str]], today: date) -> None:
    for key, should in (("asked", True), ("not_asked", False)):
        for number, name in enumerate(wanted[key]):
            path = ("expect", key, number)
            if _asked(n, name, path, today) is not should:
                raise Wrong(path, f"{name} should {'' if should else 'not '}be asked", "Look at its condition.")
    for key, should in (("locked", True), ("not_locked", False)):
        for number, item in enumerate(wanted[key]):
            path = ("expect", key, number)
            _known([item], case.checklist.item, path, "item", here=True)
            if locked(n, n.checklist.item[item], today) is not should:
                raise Wrong(path, f"{item} should {'' if should else 'not '}be locked", "Look at its condition.")


def _weighed(n: Negotiation, keys: Sequence[str], severity: Severity, path: DataPath, there: Mapping[str, Gap]) -> None:
    """Hold that exactly these of the open gaps weigh so. Raises `Wrong`."""
    found = {key for key, gap in there.items() if gap.severity == severity}
    for number, key in enumerate(keys):
        gap = there.get(_key(n, key))
        if gap is None:
            raise Wrong((*path, number), f"{key} should be open", _near(key, there.values()))
        if gap.key not in found:
            what = f"{key} should be a {severity} gap, and is a {gap.severity} one"
            raise Wrong((*path, number), what, "Look at its severity and what makes it lighter.")
    if more := found - {_key(n, key) for key in keys}:
        gap = next(gap for key, gap in there.items() if key in more)
        raise Wrong(path, f"{_named(gap)} should not be an open {severity} gap", _advice(gap))


def _asked(n: Negotiation, name: str, path: DataPath, today: date) -> bool:
    """Whether an item is asked, or item.field of a form, or item.field/row of a table."""
    name, _, row_id = name.partition("/")
    item_id, _, field_id = name.partition(".")
    _known([item_id], n.checklist.item, path, "item", here=True)
    item, rows = n.checklist.item[item_id], n.record(item_id).rows
    if not field_id:
        return applies(n, item, today)
    _known([field_id], item.field, path, f"field of {item_id}", here=True)
    if item.kind == Kind.TABLE:
        _known([row_id], rows, path, f"row of {item_id}", here=True)
    row, show_if = rows.get(row_id or FORM), item.field[field_id].show_if
    return applies(n, item, today) and (show_if is None or holds(show_if, Scope(n, today, item, row)))


def _state(written: Data) -> State:
    try:
        return State(str(written).replace("_", " "))
    except ValueError:
        raise Wrong(("expect", "state"), f"“{written}” is no state", f"Use one of: {', '.join(State)}.") from None


def _key(n: Negotiation, written: str) -> str:
    """The key of a gap, whose row may be written by its id or by its name."""
    item, rule, row = (*written.split("/", 2), "", "")[:3]
    asked = n.checklist.item.get(item)
    rule = rule if asked and rule in asked.rule else f"_{rule}" if rule and not rule.startswith("_") else rule
    named = {n.row_label(asked, held): key for key, held in n.record(item).rows.items()} if asked and row else {}
    return "/".join(part for part in (item, rule, named.get(row, row)) if part)


def _named(gap: Gap) -> str:
    return gap.key.replace("/_", "/")


def _advice(gap: Gap, n: Negotiation | None = None) -> str:
    named = f"{_named(gap)}: " if n else ""
    return f"It says: {named}{gap.says}"


def _near(key: str, there: Iterable[Gap]) -> str:
    """The gap nearest to one that is not there: of the same rule, of the same item, or of a similar name."""
    open_gaps = {_named(gap): gap for gap in there}
    parts = key.split("/")
    alike = [name for name in open_gaps if name.split("/")[:2] == parts[:2]]
    alike = alike or [name for name in open_gaps if name.split("/")[0] == parts[0]]
    name = alike[0] if alike else nearest(key, open_gaps)
    return f"The nearest that is open: {name} ({open_gaps[name].says})" if name else "No gap like it is open."


# Reading


def _part(data: Mapping[str, Data], key: str) -> dict[str, Data]:
    return _mapping(data.get(key) or {}, (key,), f"“{key}”")


def _mapping(value: Data, path: DataPath, what: str) -> dict[str, Data]:
    if not isinstance(value, dict):
        raise Wrong(path, f"{what} is written as keys and values", "Write key: value, a line each.")
    return value


def _list(value: Data, path: DataPath) -> list[str]:
    if value is None:
        return []
    if not isinstance(value, list):
        raise Wrong(path, f"“{path[-1]}” is a list", "Write [a, b], or a dash before each.")
    return [_text(each, (*path, number)) for number, each in enumerate(value)]


def _text(value: Data, path: DataPath) -> str:
    if value is None or isinstance(value, dict | list | bool):
        raise Wrong(path, "this is no single value", "Write one word, number, date or text, in quotes if in doubt.")
    return str(value)


def _day(data: Mapping[str, Data], key: str) -> date:
    try:
        return date.fromisoformat(str(data[key]))
    except KeyError:
        raise Wrong((), f"the day “{key}” is missing", f"Add {key}: 2027-03-12, say.") from None
    except ValueError:
        raise Wrong((key,), f"“{data[key]}” is no date", "Write it as 2027-03-12.") from None


def _known(names: Iterable[str], there: Collection[str], path: DataPath, what: str, *, here: bool = False) -> None:
    """Raise `Wrong` at the first name that is not there; ``here``: the path is that of the name itself."""
    for name in names:
        if name not in there:
            raise Wrong(path if here else (*path, name), f"there is no {what} “{name}”", meant(name, there))
