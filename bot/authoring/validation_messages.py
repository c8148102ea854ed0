"""What the models refuse, in words that a negotiator can follow, at the position in the file.

Pydantic tells where in terms of its models: tags of unions stand among the keys, and a
value that fits none of several types is told once for each. Here that becomes a path
in the file and one plain sentence.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from bot.authoring.diagnostics import MOST_MISTAKES, Mistake
from bot.authoring.yaml_reader import Data, YamlDocument, brief
from bot.domain import checklist as parts
from bot.domain.conditions import HEADS, Part, Rows, Shifted, head_of
from bot.domain.lint import Path, meant, nearest

LISTED: dict[str, tuple[str, type[Part]]] = {
    "sections": ("section", parts.Section),
    "items": ("item", parts.Item),
    "fields": ("field", parts.Field),
    "options": ("option", parts.Option),
    "rows": ("row", parts.GivenRow),
    "gaps": ("gap rule", parts.GapRule),
    "opening": ("opening question", parts.Opener),
    "gates": ("gate", parts.Gate),
}
ALONE: dict[str, tuple[str, type[Part]]] = {
    "locked": ("lock", parts.Lock),
    "lighter": ("lighter weight", parts.Lighter),
    "requests": ("note of what is requested", parts.Requests),
}
CONDITIONS = {"when", "until", "show_if", "where", "not", "heavier", "than"}  # keys that hold one
BOUNDS = {"over", "under", "at_least", "at_most", "after", "before"}
BOUND_TYPES = {
    "int",
    "float",
    "constrained-str",
    "Shifted",
    "Rows",
}  # pydantic's names for what a bound may be

FORMS = {
    r"^[a-z][a-z0-9_]*$": "small letters, digits and _, with a letter first",
    r"^[a-z][a-z0-9-]*$": "small letters, digits and -, with a letter first",
    r"^[a-z0-9][a-z0-9_]*$": "small letters, digits and _",
    r"^[A-Z]+[0-9]+$": "capital letters and a number, such as T1",
    r"^\.?[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*$": "an item, form.field or .field, such as .approved_on",
    r"^[a-z][a-z0-9_]*/[a-z][a-z0-9_]*$": "an item and its gap rule, such as goals/late",
    r"^[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*$": "a table and its field, such as ledger.ask",
}

# What authors write for a key whose name they do not know.
SYNONYMS = {
    "question": "ask", "prompt": "ask", "text": "ask", "name": "label", "description": "about", "reason": "why",
    "because": "why", "type": "kind", "message": "says", "problem": "says", "remedy": "mend", "fix": "mend",
    "solution": "mend", "action": "mend", "deadline": "due", "condition": "when", "if": "when", "choices": "options",
    "columns": "fields", "questions": "items", "rules": "gaps", "points": "from", "point": "from", "level": "severity",
    "weight": "severity", "mandatory": "required",
}  # fmt: skip
DAYS = {
    "due": "Write how many days before the talks, such as 30.",
    "days": "Write how many days before the talks, such as 30.",
    "valid_for": "Write a number of days, such as 90.",
    "older_than": "Write a number of days, such as 90.",
}
EXPRESSION = re.compile(r"\s*(\.?\w+(?:\.\w+)*)\s*(==?|!=|<>|>=|<=|>|<|is not|is)\s*[\"']?([^\"']+?)[\"']?\s*")
PREDICATES = {"=": "is", "==": "is", "is": "is", ">": "over", "<": "under", ">=": "at_least", "<=": "at_most"}


@dataclass(frozen=True, slots=True)
class RefusedValue:
    """One thing the models refuse: its kind, where it is in the file, and the value there."""

    kind: str
    path: Path
    value: Data
    limits: dict[str, Any]
    key: str = ""  # a key that is missing, unknown or malformed in the mapping at ``path``

    @property
    def missing(self) -> bool:
        """Whether a key is not there at all."""
        return self.kind == "missing"


def refusals(error: ValidationError, page: YamlDocument) -> list[RefusedValue]:
    """What is refused, less the echoes of what is refused inside it."""
    told = [refusal for each in error.errors(include_url=False)[:MOST_MISTAKES] if (refusal := _refused(each, page))]
    unknown = [refusal for refusal in told if refusal.kind == "extra_forbidden"]
    typos = {(refusal.path, _key_meant(refusal.key, refusal.path, page.data)) for refusal in unknown}
    return [refusal for refusal in told if not (refusal.missing and (refusal.path, refusal.key) in typos)]


def wording(refused: RefusedValue, page: YamlDocument) -> Mistake:
    """The mistake, in plain words."""
    what, mend = WORDS.get(refused.kind, _unfit)(refused, page)
    if refused.key and not refused.missing:
        return page.mistake((*refused.path, refused.key), what, mend, key=True)
    return page.mistake(refused.path, what, mend)


def _refused(told: ErrorDetails, page: YamlDocument) -> RefusedValue | None:
    """What pydantic tells, placed in the file; None for an echo."""
    path, rest = _placed(told["loc"], page.data)
    kind, value, limits = told["type"], told["input"], told.get("ctx", {})
    if kind == "too_short" and len(value) >= limits["min_length"]:
        return None  # pydantic counts only the entries that it did not refuse
    if kind == "extra_forbidden":
        return RefusedValue(kind, path[:-1], value, limits, str(path[-1]))
    if rest == ("[key]",):
        return RefusedValue("key", path[:-1], value, limits, str(path[-1]))
    if rest and rest[0] in BOUND_TYPES:
        return None if isinstance(value, dict) else RefusedValue("bound", path, value, limits)
    return RefusedValue(kind, path, value, limits, str(rest[0]) if kind == "missing" else "")


def _placed(loc: tuple[int | str, ...], data: Data) -> tuple[Path, tuple[int | str, ...]]:
    """The path in the file, and what pydantic tells beyond it."""
    path: Path = ()
    entered: Path | None = None  # the condition whose tag was passed
    for number, step in enumerate(loc):
        if _is_condition(path) and entered != path and head_of(data) == step:
            entered = path
        elif isinstance(data, dict) and step in data:
            path, data = (*path, step), data[str(step)]
        elif isinstance(data, list) and isinstance(step, int):
            path, data = (*path, step), data[step]
        elif not (isinstance(data, dict) and step in {"Shifted", "Rows"}):
            return path, loc[number:]
    return path, ()


def _is_condition(path: Path) -> bool:
    return bool(path) and (path[-1] in CONDITIONS or (path[-2:-1] in {("all",), ("any",)} and path[-1] not in LISTED))


def _at(path: Path, data: Data) -> Data:
    for step in path:
        data = data[step]  # type: ignore[index]  # the path was found in this data
    return data


def _thing(path: Path, data: Data) -> str:
    """What stands at a path, by its name where it has one."""
    if not path:
        return "the checklist"
    if path[-1] in ALONE:
        return f"this {ALONE[str(path[-1])][0]}"
    if len(path) > 1 and path[-2] in LISTED and isinstance(path[-1], int):
        noun = LISTED[str(path[-2])][0]
        there = _at(path, data)
        name = there.get("id") if isinstance(there, dict) else None
        return f"{noun} {brief(name)}" if isinstance(name, str) else f"this {noun}"
    return "this condition" if _is_condition(path) else f'"{path[-1]}"'


def _known(path: Path, data: Data) -> list[str]:
    """The keys that the mapping at a path may have, as they are written."""
    there = _at(path, data)
    if not path:
        model: type[Part] | None = parts.Checklist
    elif path[-1] in ALONE:
        model = ALONE[str(path[-1])][1]
    elif path[-1] in BOUNDS:
        model = Rows if "count" in _keys(_at(path[:-1], data)) else Shifted
    elif _is_condition(path):
        model = HEADS.get(head_of(there) or "")
    else:
        model = LISTED[str(path[-2])][1]
    return [field.alias or name for name, field in model.model_fields.items()] if model else list(HEADS)


def _keys(data: Data) -> list[str]:
    return list(data) if isinstance(data, dict) else []


def _subject(refused: RefusedValue, page: YamlDocument) -> str:
    """What a sentence about a value begins with: ``"due" of item goals``."""
    path = refused.path
    while path and isinstance(path[-1], int) and (len(path) < 2 or path[-2] not in LISTED):
        path = path[:-1]
    thing = _thing(path, page.data)
    if not thing.startswith('"'):
        return thing
    return f"{thing} of {_thing(path[:-1], page.data)}"


def _shown(value: Data) -> str:
    match value:
        case None:
            return "empty"
        case bool():
            return str(value).lower()
        case str():
            return f'"{brief(value)}"'
        case dict():
            return "a mapping"
        case list():
            return "a list"
    return brief(str(value))


Words = tuple[str, str]
Wording = Callable[[RefusedValue, YamlDocument], Words]


def _not(wanted: str, mend: str) -> Wording:
    """The words for a value that is not what was wanted."""

    def words(refused: RefusedValue, page: YamlDocument) -> Words:
        return f"{_subject(refused, page)} is {_shown(refused.value)}, not {wanted}", mend

    return words


def _text(refused: RefusedValue, page: YamlDocument) -> Words:
    what = f"{_subject(refused, page)} is {_shown(refused.value)}, not text"
    match refused.value:
        case bool() if refused.path[-1] == "is" or "in" in refused.path[-2:]:
            return what, f"Write {'yes' if refused.value else 'no'}."
        case int() if "from" in refused.path[-2:]:
            points = _keys(_at(("points",), page.data)) if "points" in _keys(page.data) else []
            return what, f"Name a point by its id, such as {points[0] if points else 'T1'}."
        case list() if refused.path[-1:] == ("is",):
            entries = ", ".join(str(entry) for entry in refused.value if isinstance(entry, str | int))
            return what, f"Where one of several will do, write in: [{brief(entries)}]."
        case None:
            return f"{_subject(refused, page)} is empty", "Write it, or remove the line."
        case dict() | list():
            return what, "Write one text, in quotes if it begins with a bracket or holds a colon."
    return what, f'Put it in quotes: "{_shown(refused.value)}".'


def _missing(refused: RefusedValue, page: YamlDocument) -> Words:
    return f'{_thing(refused.path, page.data)} has no "{refused.key}"', f'Add "{refused.key}:" to it.'


def _unknown_key(refused: RefusedValue, page: YamlDocument) -> Words:
    what = f'{_thing(refused.path, page.data)} has no use for the key "{brief(refused.key)}"'
    if _is_condition(refused.path) and refused.key in HEADS:
        return what, "That begins a condition of its own: put both in a list under all or any."
    known = _known(refused.path, page.data)
    if meant_key := _key_meant(refused.key, refused.path, page.data):
        return what, f"Did you mean {meant_key}?"
    homes = [noun for noun, model in LISTED.values() if refused.key in model.model_fields]
    if homes and not _is_condition(refused.path):
        return what, f"It belongs to a {homes[0]}: write it there, indented as what stands there."
    return what, f"Use one of: {', '.join(known)}."


def _key_meant(key: str, path: Path, data: Data) -> str | None:
    """The key that an author probably meant by one that cannot stand at a path."""
    known = _known(path, data)
    synonym = SYNONYMS.get(key.casefold(), "")
    if synonym in known and synonym not in _keys(_at(path, data)):
        return synonym
    return nearest(key, known)


def _did_you_mean(word: str, known: list[str]) -> str:
    return meant(word, known, f"Use one of: {', '.join(known)}.")


def _one_of(refused: RefusedValue, page: YamlDocument) -> Words:
    known = re.findall(r"'(\w+)'", refused.limits["expected"])
    what = f"{_subject(refused, page)} cannot be {_shown(refused.value)}"
    if not known:  # a Literal[True]
        return what, "Write true, or remove it."
    return what, _did_you_mean(str(refused.value), known)


def _malformed(refused: RefusedValue, page: YamlDocument) -> Words:
    form = FORMS.get(refused.limits["pattern"], "another form")
    return f"{_subject(refused, page)} cannot be written {_shown(refused.value)}", f"Write {form}."


def _malformed_key(refused: RefusedValue, page: YamlDocument) -> Words:
    form = FORMS.get(refused.limits.get("pattern", ""), "a shorter word")
    return f'"{brief(refused.key)}" cannot be a key of {_thing(refused.path, page.data)}', f"Write {form}."


def _too_long(refused: RefusedValue, page: YamlDocument) -> Words:
    there, most = len(refused.value), refused.limits["max_length"]  # type: ignore[arg-type]  # a text or a list
    unit = "characters" if isinstance(refused.value, str) else "entries"
    return f"{_subject(refused, page)} has {there} {unit}, of {most} at most", "Shorten it."


def _empty(refused: RefusedValue, page: YamlDocument) -> Words:
    return f"{_subject(refused, page)} is empty", "Write it, or remove the line."


def _beyond(key: str, side: str, mend: str) -> Wording:
    def words(refused: RefusedValue, page: YamlDocument) -> Words:
        limit = refused.limits[key]
        return (
            f"{_subject(refused, page)} is {_shown(refused.value)}, {side} {limit:g}",
            f"Write {mend} {limit:g}.",
        )

    return words


def _no_condition(refused: RefusedValue, page: YamlDocument) -> Words:
    if not isinstance(refused.value, dict):
        mend = "Write one, such as {the: goals, empty: true}."
        if isinstance(refused.value, str) and (written := EXPRESSION.fullmatch(refused.value)):
            mend = f"Write {_fact(*written.groups())}."
        return f"{_subject(refused, page)} is {_shown(refused.value)}, not a mapping", mend
    heads = list(HEADS)
    for key in refused.value.keys() - {"where"}:
        if near := nearest(key, heads):
            return f'no condition begins with "{brief(key)}"', f"Did you mean {near}?"
    return "this condition does not say what it asks", f"Begin it with one of: {', '.join(heads)}."


def _fact(ref: str, sign: str, value: str) -> str:
    """The fact that was written as an expression."""
    if sign in PREDICATES:
        return f"{{the: {ref}, {PREDICATES[sign]}: {brief(value)}}}"
    return f"{{not: {{the: {ref}, is: {brief(value)}}}}}"


def _number(refused: RefusedValue, page: YamlDocument) -> Words:
    mend = DAYS.get(str(refused.path[-1]), "Write a whole number without quotes.")
    return f"{_subject(refused, page)} is {_shown(refused.value)}, not a whole number", mend


def _no_mapping(refused: RefusedValue, page: YamlDocument) -> Words:
    what = f"{_subject(refused, page)} is {_shown(refused.value)}, not a mapping"
    word = refused.value
    if refused.path[-2:-1] == ("options",) and isinstance(word, str):
        ident = re.sub(r"[^a-z0-9]+", "_", word.casefold()).strip("_")[:12]
        return what, f"Write {{id: {ident or 'one'}, label: {word[:1].upper()}{brief(word[1:])}}}."
    return what, 'Write "key: value" lines below it, indented.'


def _rule(refused: RefusedValue, _: YamlDocument) -> Words:
    return str(refused.limits["error"]), "Write one of them, and only one."


def _unfit(refused: RefusedValue, page: YamlDocument) -> Words:
    return f"{_subject(refused, page)} cannot be {_shown(refused.value)}", 'See "readiness schema".'


_a_list = _not("a list", 'Put it in brackets, or begin each entry with "- ".')

WORDS: dict[str, Wording] = {
    "missing": _missing,
    "extra_forbidden": _unknown_key,
    "key": _malformed_key,
    "condition": _no_condition,
    "bound": _not("a number or a reference", "Write a number, an item or field, or {the: ..., plus: ...}."),
    "value_error": _rule,
    "string_type": _text,
    "string_pattern_mismatch": _malformed,
    "string_too_short": _empty,
    "string_too_long": _too_long,
    "too_short": _empty,
    "too_long": _too_long,
    "enum": _one_of,
    "literal_error": _one_of,
    "int_type": _number,
    "float_type": _not("a number", "Write a number without quotes."),
    "bool_type": _not("true or false", "Write true or false, without quotes."),
    "model_type": _no_mapping,
    "dict_type": _no_mapping,
    "tuple_type": _a_list,
    "greater_than_equal": _beyond("ge", "under", "at least"),
    "greater_than": _beyond("gt", "not over", "more than"),
    "less_than_equal": _beyond("le", "over", "at most"),
    "less_than": _beyond("lt", "not under", "less than"),
}
