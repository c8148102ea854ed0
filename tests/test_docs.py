"""What README, CONTRIBUTING and docs/ show is so: commands, settings, tables, buttons, the map, the picture."""

from __future__ import annotations

import re
import shlex
from collections import defaultdict
from pathlib import Path
from typing import get_args

import click
import pytest
from click.testing import CliRunner
from pydantic import TypeAdapter

from bot.__main__ import main
from bot.authoring import lint, read_checklist, read_library
from bot.authoring.yaml_reader import page
from bot.dialog.callback_data import kinds
from bot.dialog.engine import COMMANDS
from bot.domain.checklist import Field, Item, Kind
from bot.domain.conditions import HEADS, Condition, Fact, head_of
from bot.domain.events import Role
from bot.domain.readiness.readiness import State, readiness
from bot.runtime.cli.main import COMMANDS as SHELL_COMMANDS
from bot.runtime.settings import NAMES, TABLE, Settings, settings
from docs import graph
from docs.picture import CHAT, PICTURE, drawn
from tests.bench.rows import BARS
from tests.factories import MONDAY, negotiation
from tests.soak.__main__ import FAULTS
from tests.test_closure import edges
from tests.transcript import replayed

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
MAP = ROOT / "docs" / "use" / "map.md"
PAGES = {
    path: path.read_text(encoding="utf-8")
    for path in (README, ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md")))
}
TEXT = "\n".join(PAGES.values())
CONDITION: TypeAdapter[object] = TypeAdapter(Condition)


def document(name: str) -> str:
    """A page of docs/."""
    return PAGES[ROOT / "docs" / name]


def marked(name: str) -> str:
    """What stands between two markers."""
    found = re.search(f"<!-- {name} -->\n(.*?)<!-- /{name} -->", TEXT, flags=re.DOTALL)
    assert found, f"there is no block {name}"
    return found[1]


def table(first: str) -> list[list[str]]:
    """The rows of the table whose heading begins with a word."""
    found = re.search(rf"^\| {first} \|.*\n\|[-|]+\n((?:\|.*\n)+)", TEXT, flags=re.MULTILINE)
    assert found, f"there is no table of {first}"
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in found[1].splitlines()]


# Commands that a reader runs on another machine.
ELSEWHERE = {
    "import": {"READINESS_DATA": "elsewhere"},
    "restore": {"READINESS_DATA": "restored", "READINESS_KEY_FILE": "data/key"},
}

ADDRESSES = {"telegram", "healthz", "readyz", "metrics"}
NEEDS = {"serve": "TELEGRAM_BOT_TOKEN", "health": "READINESS_LISTEN"}  # settings that a reader has by then


def code(cell: str) -> str:
    return cell.strip(" `")


def yaml_of(inline: str, folder: Path) -> object:
    """A piece of YAML, read as checklists are."""
    file = folder / "piece.yaml"
    file.write_text(f"when: {inline}\n", encoding="utf-8")
    read = page(file)
    assert not read.mistakes, read.mistakes
    assert isinstance(read.data, dict)
    return read.data["when"]


# Commands


def commands() -> list[str]:
    """Every line that a reader is told to type in a shell."""
    blocks = re.findall(r"```sh\n(.*?)```", TEXT, flags=re.DOTALL)
    return [line.partition("#")[0].strip() for block in blocks for line in block.splitlines() if line.strip()]


def bot_commands() -> list[list[str]]:
    return [shlex.split(line)[1:] for line in commands() if line.startswith(".venv/bin/readiness ")]


def targets() -> set[str]:
    return set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), flags=re.MULTILINE))


def test_every_shell_line_is_of_a_kind_that_is_checked() -> None:
    known = (".venv/bin/readiness ", "make ", "docker ")
    assert [line for line in commands() if not line.startswith(known)] == []


def test_every_make_target_exists() -> None:
    shown = {line.split()[1] for line in commands() if line.startswith("make ")}
    shown |= set(re.findall(r"`make ([a-z]+)`", TEXT))
    assert {"run", "test"} <= shown <= targets()


def test_every_command_exists_and_every_command_is_shown() -> None:
    assert {words[0] for words in bot_commands()} | {"run"} == set(SHELL_COMMANDS)
    for words in bot_commands():
        command = main.get_command(click.Context(main), words[0])
        assert command is not None
        options = {name for one in command.params if isinstance(one, click.Option) for name in one.opts}
        assert {word for word in words if word.startswith("-")} <= options
    assert set(re.findall(r"`readiness ([a-z]+)`", TEXT)) <= set(SHELL_COMMANDS)


@pytest.mark.prove
def test_the_commands_do_as_they_are_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One after the other, as a reader would type them. The sample is open by the first of them."""
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "checklists").symlink_to(ROOT / "checklists")
    for words in bot_commands():
        elsewhere = {} if "--propose" in words else ELSEWHERE.get(words[0], {})
        result = CliRunner().invoke(main, words, input="/summary\n/bye\n", env=elsewhere)
        if words[0] in NEEDS:
            assert f"{NEEDS[words[0]]} is not set" in result.stderr
        else:
            assert result.exit_code == 0, (words, result.output)
            assert result.stdout


@pytest.mark.slow
def test_in_the_terminal_the_sample_is_one_tap_from_its_first_question(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "checklists").symlink_to(ROOT / "checklists")
    by_label = CliRunner().invoke(main, ["talk", "--sample"], input="[Continue]\n/bye\n")
    assert by_label.exit_code == 0
    assert "Our goals" in by_label.stdout.rpartition("Bot>")[2]
    by_number = CliRunner().invoke(main, ["talk"], input="/home\n#1\n/bye\n")
    assert "Our goals" in by_number.stdout.rpartition("Bot>")[2]


def test_every_command_of_the_chat_exists() -> None:
    shown = set(re.findall(r"`/([a-z]+)`", TEXT)) - {"newbot"} - ADDRESSES  # @BotFather's, and what is served by HTTP
    assert shown
    assert shown <= set(COMMANDS)


def test_every_button_is_there_by_its_label() -> None:
    sources = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "bot" / "dialog").rglob("*.py"))
    shown = re.findall(r"`\[(.+?)\]`", TEXT)
    assert shown
    assert [label for label in shown if f'Button("{label}"' not in sources] == []


# Settings


def defaults(none: str) -> dict[str, str]:
    """Every name of a setting with its default, in the order of the table."""
    by_name = {row.name: row.default for row in TABLE.values()}
    return {name: by_name.get(name) or none for name in NAMES}


def test_the_table_of_settings_is_that_of_the_code() -> None:
    told = {code(name): code(default) for name, default, _ in table("setting")}
    assert list(told.items()) == list(defaults("none").items())


def test_the_sample_env_file_names_every_setting_and_is_taken_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sample = (ROOT / ".env.example").read_text(encoding="utf-8")
    told = dict(line.split("=", 1) for line in sample.splitlines() if line and not line.startswith("#"))
    assert list(told.items()) == list(defaults("").items())
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".env").write_text(sample, encoding="utf-8")
    assert settings() == Settings()


# Writing a checklist


@pytest.fixture
def tutorial(tmp_path: Path) -> Path:
    """The tutorial's checklist as a file of its name."""
    text = re.fullmatch(r"```yaml\n(.*)```\n", marked("tutorial"), flags=re.DOTALL)
    assert text
    name = re.match(r"id: (\S+)", text[1])
    assert name
    file = tmp_path / f"{name[1]}.yaml"
    file.write_text(text[1], encoding="utf-8")
    return file


def test_the_tutorial_is_sound(tutorial: Path) -> None:
    assert lint([tutorial]) == []
    assert read_library(tutorial.parent)


def test_the_tutorials_rules_fire_and_fall_silent(tutorial: Path) -> None:
    checklist = read_checklist(tutorial)
    asked = {"asks": {"r1": {"data": "Sample data"}}}
    given = {"gives": {"r1": {"data": "Sample return", "ask": "r1", "released": "yes"}}}
    kept = {"gives": {"r1": {"data": "Sample return", "ask": "r1", "released": "no"}}}

    def blockers(rows: dict[str, dict[str, dict[str, str]]]) -> list[str]:
        found = readiness(negotiation(checklist=checklist, rows=rows), MONDAY).gaps
        return [gap.key for gap in found if gap.severity == "blocker"]

    assert blockers({}) == ["asks/_unanswered", "gives/_unanswered"]
    assert blockers(asked) == ["gives/one_sided"]
    assert blockers(asked | kept) == ["gives/unreleased/r1"]
    assert readiness(negotiation(checklist=checklist, rows=asked | given), MONDAY).state == State.READY


def test_the_table_of_kinds_is_that_of_the_code() -> None:
    told = {code(kind): (item, field) for kind, item, field, _ in table("kind")}
    of_items = set(get_args(Item.model_fields["kind"].annotation))
    of_fields = set(get_args(Field.model_fields["kind"].annotation))

    def yes(kind: Kind, kinds: set[Kind]) -> str:
        return "yes" if kind in kinds else "no"

    assert told == {kind.value: (yes(kind, of_items), yes(kind, of_fields)) for kind in Kind}


def test_the_table_of_heads_is_that_of_the_code(tmp_path: Path) -> None:
    rows = table("head")
    assert [code(head) for head, *_ in rows] == list(HEADS)
    for head, example, _ in rows:
        raw = yaml_of(code(example), tmp_path)
        assert head_of(raw) == code(head)
        assert type(CONDITION.validate_python(raw)) is HEADS[code(head)]


def test_the_table_of_predicates_is_that_of_the_code(tmp_path: Path) -> None:
    rows = table("predicate")
    known = [field.alias or name for name, field in Fact.model_fields.items() if name != "the"]
    assert [code(predicate) for predicate, *_ in rows] == known
    for predicate, example, _ in rows:
        fact = CONDITION.validate_python(yaml_of(code(example), tmp_path))
        assert isinstance(fact, Fact)
        assert {name.removesuffix("_") for name in fact.predicates()} == {code(predicate)}


# The map, the layout, links


def drawn_map() -> str:
    """The map of the conversation: every place a person can stand at, and where its buttons lead."""
    there: dict[str, set[str]] = defaultdict(set)
    for here, to in edges():
        there[here].add(to)
    order = {kind.__name__: kind for kind in kinds().values()}
    stops = set(there).union(*there.values())
    assert stops <= set(order)
    lines = []
    for name, kind in order.items():
        if name in stops:
            meaning = re.split(r"\.(?: |$)", (kind.__doc__ or "").split("\n")[0])[0].replace("``", "`")
            ways = [to for to in order if to in there[name] and to != name]
            lines.append(f"- **{name}** – {meaning[0].lower()}{meaning[1:]}. → {', '.join(ways)}")
    return "\n".join(lines) + "\n"


@pytest.mark.slow
def test_the_map_is_what_the_crawl_finds(*, update: bool) -> None:
    found = drawn_map()
    if update:
        before, _, rest = PAGES[MAP].partition("<!-- map -->\n")
        _, _, behind = rest.partition("<!-- /map -->")
        MAP.write_text(f"{before}<!-- map -->\n{found}<!-- /map -->{behind}", encoding="utf-8")
    assert found == (found if update else marked("map"))


@pytest.mark.slow
def test_every_place_a_lead_comes_to_is_on_the_map() -> None:
    """Only what nobody stands at is left out, which leads on at once, and where strangers wait."""
    left_out = {kind.__name__ for kind in kinds().values()} - set().union(*edges())
    assert left_out == {"NextForMe", "NextItem", "NextField", "AwaitingAdmission"}


def test_the_figures_are_those_of_the_bench_with_its_targets() -> None:
    lines = [line for line in marked("bench").splitlines() if line.startswith("| ")][1:]
    shown = [(cells[1].strip(), cells[3].strip()) for cells in (line.split("|") for line in lines)]
    assert shown == [(bar.what, bar.target) for bars in BARS.values() for bar in bars]


def test_every_promise_names_its_test_and_its_soak() -> None:
    promises = document("develop/promises.md").partition("<!-- soak -->")[0]
    tests = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "tests").glob("test_*.py"))
    named = re.findall(r"`(test_\w+)`", promises)
    assert [name for name in named if f"def {name}(" not in tests] == []
    said = re.split(r"^- ", promises, flags=re.MULTILINE)[1:]
    assert [one for one in said if not re.search(r"[Ss]oak\s+`\w+`\.", one)] == []
    assert tuple(re.findall(r"[Ss]oak\s+`(\w+)`\.", promises)) == FAULTS


def test_the_soak_s_figures_have_their_block() -> None:
    assert tuple(re.findall(r"^\| `(\w+)` \|", marked("soak"), flags=re.MULTILINE)) == FAULTS


def test_the_layout_is_that_of_the_tree() -> None:
    block = document("develop/architecture.md").partition("```text\n")[2].partition("```")[0]
    shown = re.findall(r"^(\S+)  +\S", block, flags=re.MULTILINE)
    assert len(shown) == 10
    assert [path for path in shown if not (ROOT / path).exists()] == []
    assert [path for path in shown if path.endswith("/") and not (ROOT / path).is_dir()] == []


def test_every_link_points_at_a_file() -> None:
    links = [(page, link) for page, text in PAGES.items() for link in re.findall(r"\]\(([^)#]+)\)", text)]
    links = [(page, link) for page, link in links if not link.startswith("https://")]
    assert [(page.name, link) for page, link in links if not (page.parent / link).is_file()] == []


def test_every_page_is_linked_from_the_readme() -> None:
    linked = {(ROOT / link).resolve() for link in re.findall(r"\]\(([^)#]+\.md)\)", PAGES[README])}
    assert set(PAGES) - {README} <= linked


def test_the_readme_is_read_in_five_minutes() -> None:
    assert len(PAGES[README].splitlines()) <= 200


@pytest.mark.slow
def test_the_drawing_of_the_packages_is_that_of_the_imports(*, update: bool) -> None:
    page = ROOT / "docs" / "develop" / "architecture.md"
    if update:
        page.write_text(graph.placed(PAGES[page]), encoding="utf-8")
    assert graph.drawing() == (graph.drawing() if update else marked("graph"))


def test_every_file_that_the_documents_name_exists() -> None:
    named = re.findall(r"`((?:bot|tests|docs|checklists)/[\w./-]+)`", TEXT)
    assert [path for path in named if not (ROOT / path).exists()] == []


@pytest.mark.slow
def test_both_checklists_are_named() -> None:
    ids = read_library(ROOT / "checklists")
    assert [one for one in ids if f"`{one}`" not in TEXT] == []


def test_every_decision_has_its_five_lines() -> None:
    decisions = re.findall(r"^\*\*.+\*\*\n((?:- .+\n)+)", document("develop/decisions.md"), flags=re.MULTILINE)
    assert decisions
    for decision in decisions:
        date, _choice, _reason, refused, reverse = decision.splitlines()
        assert re.fullmatch(r"- \d{4}-\d{2}-\d{2}", date)
        assert refused.startswith("- Refused: ")
        assert reverse.startswith("- Reversed by ")


def test_it_is_said_calmly_and_to_anybody() -> None:
    """Neither exclamation marks, nor a path or an address of somebody's own machine."""
    prose = re.sub(r"!\[|<!--", "", TEXT)
    assert "!" not in prose
    assert not re.search(r"/(?:home|root|work|Users|tmp)/", TEXT)


# The picture


def test_the_picture_is_drawn_from_a_chat_that_is_so(tmp_path: Path, *, update: bool) -> None:
    written = CHAT.read_text(encoding="utf-8")
    heard = replayed(written, tmp_path)
    if update:
        CHAT.write_text(heard, encoding="utf-8")
        PICTURE.write_text(drawn(heard), encoding="utf-8")
    assert "(there is no button" not in heard
    assert "Please use one of the buttons" not in heard
    assert heard == (heard if update else written)
    assert drawn(heard) == PICTURE.read_text(encoding="utf-8")


def test_the_picture_says_what_is_said_of_it() -> None:
    heard = CHAT.read_text(encoding="utf-8")
    assert "This opens a blocker" in heard
    assert "· Maya waived" in heard


def test_every_role_is_documented() -> None:
    assert [role for role in Role if role not in TEXT] == []
