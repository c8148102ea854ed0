"""Checklist files are read whole and sound, or every mistake is told with its line and column."""

from __future__ import annotations

import json
import re
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.authoring import Mistake, Unsound, checklist_schema, lint, read_checklist, read_library
from bot.authoring.validation_messages import FORMS
from bot.authoring.yaml_reader import parsed, scalar
from bot.domain.conditions import Fact
from tests.mistakes import cases

CHECKLISTS = Path(__file__).parent.parent / "checklists"

SMALL = """\
id: small
version: 1
title: A small checklist
about: For tests.
source: Nowhere.
points:
  T1: Aims first.
sections:
  - id: aims
    title: Aims
    about: What we want.
    items:
      - id: goals
        label: Goals
        ask: What do we want?
        why: Aims come first.
        from: [T1]
        kind: text
        due: 60
        gaps:
          - id: none
            severity: blocker
            when: {the: goals, empty: true}
            says: No goal.
            mend: Write one.
      - id: ready
        label: Ready
        ask: Are we ready?
        why: It matters.
        from: [T1]
        kind: yes_no
"""


def told(folder: Path, text: str | bytes) -> list[str]:
    """What lint tells of a file small.yaml, without its folder."""
    file = folder / "small.yaml"
    file.write_bytes(text.encode() if isinstance(text, str) else text)
    return [str(mistake).replace(f"{folder}/", "") for mistake in lint([file])]


def changed(old: str, new: str) -> str:
    """The small checklist with one place changed."""
    assert SMALL.count(old) == 1, old
    return SMALL.replace(old, new)


def test_a_sound_checklist_is_read(tmp_path: Path) -> None:
    """What is written is what is read."""
    (tmp_path / "small.yaml").write_text(SMALL)
    checklist = read_checklist(tmp_path / "small.yaml")
    assert list(checklist.item) == ["goals", "ready"]
    assert checklist.item["goals"].gaps[0].when == Fact.model_validate({"the": "goals", "empty": True})


ALSO = [
    ("It matters", "It \x07 matters", "29:17: the character U+0007 cannot be shown. Remove it."),
    ("It matters", "It matters" * 401, "29:14: this text is longer than 4000 characters. Shorten it."),
    (
        "title: Aims",
        "title: " + "Aims " * 20,
        '10:12: "title" of section aims has 99 characters, of 60 at most. Shorten it.',
    ),
    ("        ask: Are we ready?\n", "", '26:9: item ready has no "ask". Add "ask:" to it.'),
    ("version: 1\n", "", '1:1: the checklist has no "version". Add "version:" to it.'),
]


@pytest.mark.slow
@pytest.mark.parametrize(("old", "new", "lines"), [*cases("form"), *((old, new, [line]) for old, new, line in ALSO)])
def test_a_mistake_is_told_in_one_line(tmp_path: Path, old: str, new: str, lines: list[str]) -> None:
    """Where it is, what is wrong, what to do."""
    assert told(tmp_path, changed(old, new)) == [f"small.yaml:{line}" for line in lines]
    assert len(lines) == 1


def test_all_mistakes_are_told_at_once_in_the_order_of_their_lines(tmp_path: Path) -> None:
    """Those of YAML, of form and of sense alike."""
    text = changed("    title: Aims\n", "    title: Aims\n    titel: Ends\n    title: Ends\n")
    text = text.replace("kind: text", "kind: text\n        labels: 1").replace("the: goals", "the: goal")
    assert told(tmp_path, text) == [
        'small.yaml:11:5: section aims has no use for the key "titel". Did you mean title?',
        'small.yaml:12:5: the key "title" stands twice, first on line 10. Keep one of them.',
        'small.yaml:21:9: item goals has no use for the key "labels". Did you mean label?',
        "small.yaml:26:25: there is no item goal. Did you mean goals?",
    ]


def test_a_wrong_value_hides_no_mistake_elsewhere(tmp_path: Path) -> None:
    """Texts, days and severities of any form can be judged around; their author is told everything at once."""
    text = (
        changed("    title: Aims\n", "    title: 5\n")
        .replace("due: 60", "due: soon")
        .replace("the: goals", "the: goal")
    )
    text = text.replace("severity: blocker", "severity: bad").replace("        why: It matters.\n", "")
    assert told(tmp_path, text.replace("label: Ready", "lable: Ready")) == [
        'small.yaml:10:12: "title" of section aims is 5, not text. Put it in quotes: "5".',
        (
            'small.yaml:19:14: "due" of item goals is "soon", not a whole number. '
            "Write how many days before the talks, such as 30."
        ),
        'small.yaml:22:23: "severity" of gap rule none cannot be "bad". Use one of: blocker, major, minor.',
        "small.yaml:23:25: there is no item goal. Did you mean goals?",
        'small.yaml:26:9: item ready has no "why". Add "why:" to it.',
        'small.yaml:27:9: item ready has no use for the key "lable". Did you mean label?',
    ]


def test_two_missing_keys_are_two_mistakes(tmp_path: Path) -> None:
    """Both stand where their mapping begins."""
    text = changed("        ask: Are we ready?\n        why: It matters.\n", "")
    assert told(tmp_path, text) == [
        'small.yaml:26:9: item ready has no "ask". Add "ask:" to it.',
        'small.yaml:26:9: item ready has no "why". Add "why:" to it.',
    ]


def test_what_an_alias_stood_for_is_not_missed_as_well(tmp_path: Path) -> None:
    """One place has one mistake."""
    assert len(told(tmp_path, changed("{the: goals, empty: true}", "*never"))) == 1


def test_unsound_says_all_its_mistakes(tmp_path: Path) -> None:
    """Who catches it can show them as they are."""
    file = tmp_path / "small.yaml"
    file.write_text(changed("version: 1", "version: 0"))
    with pytest.raises(Unsound) as caught:
        read_checklist(file)
    assert caught.value.mistakes == (
        Mistake(str(file), 2, 10, '"version" of the checklist is 0, under 1', "Write at least 1."),
    )
    assert str(caught.value) == f'{file}:2:10: "version" of the checklist is 0, under 1. Write at least 1.'


# Folders


def test_a_library_holds_every_checklist_of_a_folder_by_its_id(tmp_path: Path) -> None:
    """Other files do not matter."""
    (tmp_path / "small.yaml").write_text(SMALL)
    (tmp_path / "tiny.yaml").write_text(changed("id: small", "id: tiny"))
    (tmp_path / "notes.txt").write_text("Not a checklist.")
    assert list(read_library(tmp_path)) == ["small", "tiny"]


def test_a_file_is_called_after_its_checklist(tmp_path: Path) -> None:
    """A checklist is found by its name."""
    assert told(tmp_path, changed("id: small", "id: tiny")) == [
        "small.yaml:1:5: the file is not called tiny.yaml. Rename it, or change the id."
    ]


def test_one_id_in_two_files_is_a_mistake(tmp_path: Path) -> None:
    """The second file is told about the first."""
    (tmp_path / "small.yaml").write_text(SMALL)
    (tmp_path / "tiny.yaml").write_text(SMALL)
    with pytest.raises(Unsound) as caught:
        read_library(tmp_path)
    assert str(caught.value) == (
        f"{tmp_path}/tiny.yaml:1:5: the id small is taken by {tmp_path}/small.yaml. Choose another."
    )


def test_a_folder_without_checklists_is_a_mistake(tmp_path: Path) -> None:
    """A wrong folder is noticed at once."""
    with pytest.raises(Unsound, match="there is no checklist here"):
        read_library(tmp_path / "nowhere")


def test_a_folder_is_linted_file_by_file(tmp_path: Path) -> None:
    """All of its files are judged, not only the first."""
    (tmp_path / "a.yaml").write_text("")
    (tmp_path / "b.yaml").write_text("- a\n")
    assert [str(mistake).replace(f"{tmp_path}/", "") for mistake in lint([tmp_path])] == [
        "a.yaml:1:1: the file is empty. Write a checklist, or remove the file.",
        'b.yaml:1:1: the checklist is a list, not a mapping. Write "key: value" lines below it, indented.',
    ]


@pytest.mark.slow
@pytest.mark.parametrize("file", sorted(CHECKLISTS.glob("*.yaml")), ids=lambda file: file.name)
def test_our_own_checklists_are_sound(file: Path) -> None:
    """What is delivered has no mistake."""
    assert lint([file]) == []


def test_an_escape_that_names_no_character_is_told() -> None:
    with pytest.raises(Unsound, match="after a backslash, means nothing to YAML"):
        parsed('id: "\\UFFFFFFFF"', "x")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('"id: a\ntitle: "A title"\n', "what stands above is complete in itself"),
        ('"id: a\ntitle: b\n', "the quote that opens here is never closed"),
        *(
            (text, "the text begins with a sign of YAML's own")
            for text in ("%YAML one\nid: a", "id: !<a", "id: |0\n a")
        ),
    ],
)
def test_what_the_parser_stops_at_is_told_in_words(text: str, said: str) -> None:
    with pytest.raises(Unsound, match=said):
        parsed(text, "x")


# Scalars


@pytest.mark.parametrize(
    "text", ["no", "yes", "on", "12:30", "2027-03-12", "0x1f", "0o7", "1_000", ".inf", ".nan", "=", "1e999"]
)
def test_what_only_looks_like_a_value_is_text(text: str) -> None:
    """YAML 1.1 would have made a bool, a number of seconds, a date or an infinity of it."""
    assert scalar(text) == text


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("true", True),
        ("False", False),
        ("", None),
        ("~", None),
        ("NULL", None),
        ("-12", -12),
        ("007", 7),
        ("+1", 1),
    ],
)
def test_what_is_a_value_in_yaml_1_2_is_one(text: str, value: object) -> None:
    """Quotes make it text."""
    assert scalar(text) is value or scalar(text) == value
    assert parsed(f'a: "{text}"', "x").data == {"a": text}


PLAIN = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text("ab 1.:-é中")
)


@given(st.dictionaries(st.text("abc", min_size=1), st.recursive(PLAIN, st.lists, max_leaves=10)))
def test_plain_data_comes_back_as_it_was_written(data: dict[str, Any]) -> None:
    """JSON is YAML: what one writes, the other reads."""
    assert parsed(json.dumps(data, ensure_ascii=False), "x").data == data


@given(st.lists(st.integers(0, 9).map(str), min_size=1, max_size=30))
def test_every_value_knows_its_line(words: list[str]) -> None:
    """The third entry stands on the third line."""
    read = parsed("".join(f"- {word}\n" for word in words), "x")
    assert [read.position((number,)).line for number in range(len(words))] == [*range(1, len(words) + 1)]


# Hostile files


HOSTILE = {
    "a billion laughs": "a: &a [x, x]\n"
    + "".join(f"{chr(98 + n)}: &{chr(98 + n)} [*{chr(97 + n)}, *{chr(97 + n)}]\n" for n in range(20)),
    "brackets": "[" * 100_000,
    "braces": "{a: " * 100_000,
    "dashes": "- " * 100_000,
    "question marks": "? " * 100_000,
    "50 MB": b"a" * 50_000_000,
    "a Python object": "!!python/object/apply:os.system [id]",
    "a merge key": "a: {<<: {b: 1}}",
    "an alias to itself": "&a [*a]",
    "a number of a million digits": "version: " + "1" * 300_000,
    "many values": "[" + "1," * 100_000 + "]",
    "many mistakes": "a: 1\n" * 50_000,
    "many unknown keys": "".join(f"k{n}: 1\n" for n in range(20_000)),
    "bad UTF-8": b"id: \xff",
    "UTF-16": "id: a".encode("utf-16"),
    "a byte order mark": b"\xef\xbb\xbfid: a",
    "a NUL": b"id: \x00",
    "a lone surrogate": 'id: "\\ud800"',
    "no character at all": 'id: "\\UFFFFFFFF"',
    "nothing": b"",
    "a comment": "# hello",
    "a directive": "%TAG ! tag:x:\n---\n!a b",
}


@pytest.mark.prove
@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_file_is_refused_within_bounds(tmp_path: Path, text: str | bytes) -> None:
    """Nothing is built from it, and nobody has to read more than a hundred mistakes."""
    (tmp_path / "small.yaml").write_bytes(text.encode() if isinstance(text, str) else text)
    tracemalloc.start()
    try:
        mistakes = lint([tmp_path / "small.yaml"])
        assert tracemalloc.get_traced_memory()[1] < 64 * 2**20
    finally:
        tracemalloc.stop()
    assert 1 <= len(mistakes) <= 100


@pytest.mark.slow
@pytest.mark.parametrize(
    ("text", "line"),
    [
        (HOSTILE["brackets"], "1:42: this is nested more than 40 deep. Write it flatter."),
        (HOSTILE["50 MB"], "1:1: the file is larger than 512 KiB. Split it into several checklists."),
        (
            HOSTILE["a Python object"],
            "1:1: the tag !!python/object/apply:os.system is not read. Remove it, or put the text in quotes.",
        ),
        (HOSTILE["bad UTF-8"], "1:5: this is not UTF-8 text. Save the file as UTF-8."),
        (
            HOSTILE["a byte order mark"],
            "1:1: a byte order mark stands first. Save the file as UTF-8 without BOM.",
        ),
        (HOSTILE["a NUL"], "1:5: the character U+0000 cannot be shown. Remove it."),
        (
            HOSTILE["many values"],
            "1:100000: the file holds more than 50000 values. Split it into several checklists.",
        ),
        (
            HOSTILE["a number of a million digits"],
            "1:10: this text is longer than 4000 characters. Shorten it.",
        ),
    ],
)
def test_a_hostile_file_is_told_what_is_wrong(tmp_path: Path, text: str | bytes, line: str) -> None:
    """The first mistake says it."""
    assert told(tmp_path, text)[0] == f"small.yaml:{line}"


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    """A folder, a pipe or nothing at all is not opened."""
    assert str(lint([tmp_path / "no.yaml"])[0]).endswith("no.yaml:1:1: there is no such file. Check the name.")
    assert str(lint(["/dev/zero"])[0]) == "/dev/zero:1:1: there is no such file. Check the name."


SURVIVES = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


@SURVIVES
@given(raw=st.binary(max_size=200) | st.text(max_size=200).map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_no_bytes_end_in_anything_but_mistakes(tmp_path: Path, raw: bytes) -> None:
    """Whatever a file holds, lint answers."""
    assert told(tmp_path, raw)


SNIPPETS = [
    "- ",
    "[",
    "]",
    "{",
    "}",
    ": ",
    "\n",
    "  ",
    "&a ",
    "*a",
    "!x ",
    "|",
    ">",
    "'",
    '"',
    "\\",
    "?",
    "%",
    "the",
    "1",
    "\t",
    "#",
]


@SURVIVES
@given(at=st.integers(0, len(SMALL)), end=st.integers(0, 20), new=st.lists(st.sampled_from(SNIPPETS), max_size=5))
def test_no_slip_of_the_pen_ends_in_anything_but_mistakes(tmp_path: Path, at: int, end: int, new: list[str]) -> None:
    """A sound checklist with some characters replaced is judged, and nothing raw shows through."""
    for line in told(tmp_path, SMALL[:at] + "".join(new) + SMALL[at + end :]):
        assert re.fullmatch(r"small.yaml:\d+:\d+: .+([.?]|[.] The line should read: .*)", line)
        assert "Input should" not in line
        assert "readiness schema" not in line


def paths_in(data: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """Every path in plain data."""
    inner = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    return [path, *(found for key, value in inner for found in paths_in(value, (*path, key)))]


WHOLE = yaml.safe_load((CHECKLISTS / "us-china-space.yaml").read_text())
PATHS = paths_in(WHOLE)[1:]
WORDS = ["", "goals", ".goal", "a.b.c", "talks", "x" * 999]
ODD: list[Any] = [None, True, 5, -1, 0.5, *WORDS, [], [1], {}, {"a": 1}, {"the": "goals"}]


@pytest.mark.prove
@SURVIVES
@given(path=st.sampled_from(PATHS), odd=st.sampled_from(ODD), data=st.data())
def test_no_odd_value_ends_in_anything_but_mistakes(
    tmp_path: Path, path: tuple[Any, ...], odd: object, data: st.DataObject
) -> None:
    """The real checklist with any one value replaced by any other is judged in plain words."""
    whole = json.loads(json.dumps(WHOLE))
    parent = whole
    for step in path[:-1]:
        parent = parent[step]
    key = data.draw(st.sampled_from([path[-1], "odd_key"])) if isinstance(parent, dict) else path[-1]
    parent[key] = odd
    if path[0] == "sections" and len(path) > 1:  # the others would take long to read, and change nothing
        whole["sections"] = [whole["sections"][path[1]]]
    for line in told(tmp_path, json.dumps(whole)):
        assert re.fullmatch(r"small.yaml:\d+:\d+: .+[.?]", line, re.DOTALL)
        assert "Input should" not in line
        assert "readiness schema" not in line


# The schema


def fits(data: Any, schema: dict[str, Any], root: dict[str, Any]) -> bool:
    """Whether data fits a JSON Schema: as much of it as ours uses."""
    if "$ref" in schema:
        schema = root["$defs"][schema["$ref"].removeprefix("#/$defs/")] | {
            k: v for k, v in schema.items() if k != "$ref"
        }
    if "anyOf" in schema and not any(fits(data, one, root) for one in schema["anyOf"]):
        return False
    if isinstance(data, dict) and not set(schema.get("required", ())) <= data.keys():
        return False
    if "oneOf" in schema and sum(fits(data, one, root) for one in schema["oneOf"]) != 1:
        return False
    if ("enum" in schema and data not in schema["enum"]) or ("const" in schema and data != schema["const"]):
        return False
    match schema.get("type"):
        case "object":
            return isinstance(data, dict) and _fits_object(data, schema, root)
        case "array":
            longest = schema.get("maxItems", len(data))
            return (
                isinstance(data, list)
                and schema.get("minItems", 0) <= len(data) <= longest
                and all(fits(one, schema["items"], root) for one in data)
            )
        case "string":
            return isinstance(data, str) and bool(re.search(schema.get("pattern", ""), data))
    kinds = {"integer": int, "number": (int, float), "boolean": bool, "null": type(None), None: object}
    return isinstance(data, kinds[schema.get("type")])  # type: ignore[arg-type]


def _fits_object(data: dict[str, Any], schema: dict[str, Any], root: dict[str, Any]) -> bool:
    known, other = schema.get("properties", {}), schema.get("additionalProperties", True)
    if len(data) > schema.get("maxProperties", len(data)):
        return False
    return all(
        fits(value, known[key], root) if key in known else bool(other) and (other is True or fits(value, other, root))
        for key, value in data.items()
    )


@pytest.mark.slow
def test_a_sound_checklist_fits_the_schema() -> None:
    """An editor that uses it marks nothing."""
    schema = checklist_schema()
    for text in [SMALL, *(file.read_text() for file in CHECKLISTS.glob("*.yaml"))]:
        assert fits(parsed(text, "x").data, schema, schema)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("due: 60", "deu: 60"),
        ("kind: text", "kind: row"),
        ("empty: true", "empty: no"),
        ("version: 1", "version: one"),
    ],
)
def test_a_checklist_in_the_wrong_form_does_not_fit_the_schema(old: str, new: str) -> None:
    """An editor that uses it marks the mistake."""
    schema = checklist_schema()
    assert not fits(parsed(changed(old, new), "x").data, schema, schema)


def test_the_schema_explains_every_key_outside_conditions() -> None:
    """An editor shows what a key means."""
    schema = checklist_schema()
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    models = {"Checklist": schema, **schema["$defs"]}
    for name in (
        "Checklist",
        "Section",
        "Item",
        "Field",
        "Option",
        "Opener",
        "GivenRow",
        "GapRule",
        "Lock",
        "Lighter",
        "Gate",
    ):
        assert [key for key, value in models[name]["properties"].items() if "description" not in value] == []


def test_every_pattern_of_the_schema_is_told_in_words() -> None:
    """No regular expression is shown to an author."""
    patterns = set(re.findall(r'"pattern": ("[^"]*")', json.dumps(checklist_schema())))
    assert {json.loads(pattern) for pattern in patterns} <= FORMS.keys()
