"""The command line: negotiations out and in, checklists checked, every trouble one line."""

from __future__ import annotations

import base64
import json
import re
import signal
from pathlib import Path
from textwrap import dedent

import httpx
import pytest
from click.testing import CliRunner, Result

from bot.__main__ import main
from bot.domain.export_formats import EXPORT_FORMATS
from tests.api import Hooks
from tests.e2e import KEY, Bot, environment
from tests.edited import edited_csv
from tests.test_cases import CHECKLIST

pytestmark = pytest.mark.slow


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("READINESS_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("READINESS_KEY", base64.b64encode(KEY).decode())
    monkeypatch.delenv("TELEGRAM_BOT_TOKEN", raising=False)

    def runs(*args: str, typed: str = "", data: str = "data") -> Result:
        monkeypatch.setenv("READINESS_DATA", str(tmp_path / data))
        return CliRunner().invoke(main, args, input=typed)

    return runs


def test_a_newcomer_answers_the_first_question(run) -> None:
    result = run("talk", "--sample", typed="/continue\n[Add a row]\nSample goal B\n/bye\n")
    assert result.exit_code == 0
    assert "Recorded: Sample goal B" in result.output


async def test_without_a_token_the_sample_is_opened_in_the_browser(tmp_path: Path) -> None:
    """The address that is printed opens it, once; SIGTERM ends it, though a page looks on."""
    env = {name: value for name, value in environment("", tmp_path).items() if not name.startswith("TELEGRAM")}
    bot = Bot(env | {"READINESS_LISTEN": "127.0.0.1:0"}, tmp_path, command="run")
    await bot.start()
    try:
        said = await bot.says("/?key=")
        found = re.search(r"(http://127\.0\.0\.1:\d+)/\?key=\S+", said)
        assert found
        async with httpx.AsyncClient(base_url=found[1], follow_redirects=True) as page:
            there = (await page.get(found[0])).text
            assert all(name in there for name in ("Maya", "Omar", "Lina"))
            person = re.search(r'data-person="(\w+)"', there)
            assert person
            async with page.stream("GET", f"/live?as={person[1]}"):
                assert await bot.stop() == 0
    finally:
        await bot.stop(signal.SIGKILL)


def test_what_was_answered_is_there_the_next_time(run) -> None:
    run("talk", "--sample", typed="/continue\n[Add a row]\nSample goal B\n/bye\n")
    result = run("talk", "--as", "Omar", typed="/continue\n/bye\n")
    assert "Sample goal B" in result.output


def test_an_unknown_person_is_told_who_is_known(run) -> None:
    run("talk", "--sample", typed="/bye\n")
    result = run("talk", "--as", "Nobody")
    assert (result.exit_code, result.output) == (2, "readiness: There is no Nobody. Known are: Maya, Omar, Lina.\n")


def without_header(file: Path) -> str:
    """An exported negotiation but for who took it away and when."""
    text, found = re.subn(
        r',\n  "exported": \{\n    "by": ".*",\n    "at": ".*Z"\n  \}', "", file.read_text(encoding="utf-8")
    )
    assert found == 1
    return text


def test_a_negotiation_goes_out_and_comes_in_equal(run, tmp_path: Path) -> None:
    run("talk", "--sample", typed="/bye\n")
    out, again = tmp_path / "out.json", tmp_path / "again.json"
    assert run("export", "1", "-o", str(out)).exit_code == 0
    imported = run("import", str(out), data="other")
    assert imported.output.endswith("Imported as negotiation 1.\n")
    assert re.findall(r"(\w+) \(.*?\) of the file gets a seat as (\w+), as somebody new\.", imported.output) == [
        ("Maya", "lead"),
        ("Omar", "member"),
        ("Lina", "member"),
    ]
    assert "/start" not in imported.output
    run("export", "1", "-o", str(again), data="other")
    assert without_header(out) == without_header(again)
    assert run("import", str(out)).output == "readiness: This negotiation is here already. Nothing was imported.\n"


def test_an_export_in_markdown_reads_as_a_document(run) -> None:
    run("talk", "--sample", typed="/bye\n")
    assert run("export", "1", "--format", "markdown").output.startswith("# Readiness for talks with China\n")


@pytest.mark.parametrize("form", list(EXPORT_FORMATS))
@pytest.mark.parametrize("to", ["file", pytest.param("output", marks=pytest.mark.prove)])
def test_every_form_can_be_exported(run, tmp_path: Path, form: str, to: str) -> None:
    run("talk", "--sample", typed="/bye\n")
    out = tmp_path / "out"
    result = run("export", "1", "--format", form, *(["-o", str(out)] if to == "file" else []))
    assert result.exit_code == 0
    body = out.read_bytes() if to == "file" else result.stdout_bytes
    assert len(body) > 1000
    begins = b"%P" if form == "pdf" else b"PK"
    assert body[:2] == (begins if not EXPORT_FORMATS[form].text else body[:2])
    told = run("export", "1", "--format", "markdown").output
    assert f"The command line took the checklist away as {EXPORT_FORMATS[form].told}" in told


def test_a_form_that_is_no_text_is_not_poured_into_a_terminal(run, faults: Hooks) -> None:
    run("talk", "--sample", typed="/bye\n")
    faults.on("at_a_terminal")
    result = run("export", "1", "--format", "word")
    why = "readiness: Word is no text to show here. Name a file with -o, or redirect the output.\n"
    assert (result.exit_code, result.output) == (2, why)
    assert run("export", "1", "--format", "html").exit_code == 0


def test_whoever_runs_the_server_lets_somebody_who_is_known_in_again(run) -> None:
    run("talk", "--sample", typed="/bye\n")
    assert run("link", "Maya").output.startswith("/start ")
    assert run("link", "Nobody").output == "readiness: There is no Nobody.\n"


@pytest.mark.parametrize("listen", ["0.0.0.0:0", "192.0.2.1:8080"])
def test_the_sample_is_served_to_this_computer_alone(run, monkeypatch: pytest.MonkeyPatch, listen: str) -> None:
    monkeypatch.setenv("READINESS_LISTEN", listen)
    result = run("run")
    assert result.exit_code == 78
    assert "for this computer only" in result.output


def test_the_partner_version_comes_in_every_form_but_the_complete_one(run) -> None:
    run("talk", "--sample", typed="/bye\n")
    assert "Partner version" in run("export", "1", "--format", "markdown", "--partner", "--yes").output
    result = run("export", "1", "--partner")
    assert (result.exit_code, result.output) == (2, "readiness: There is no partner version as JSON: it is complete.\n")


def test_the_partner_version_is_not_made_of_everything_unasked(
    run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the checklist keeps nothing internal, and nobody has."""
    (tmp_path / "small.yaml").write_text(dedent(CHECKLIST))
    monkeypatch.setenv("READINESS_CHECKLISTS", str(tmp_path))
    run("talk", "--sample", typed="/bye\n")
    result = run("export", "1", "--format", "markdown", "--partner")
    told = "Nothing is marked internal: this is the full version. Nothing was exported."
    assert (result.exit_code, result.output) == (2, f"readiness: {told} Give --yes to export it all the same.\n")
    marks = "/take\n[What stays internal]\n[□ All]\n[Keep the whole section internal]\n/bye\n"
    run("talk", typed=marks)
    assert "what is internal is left out" in run("export", "1", "--format", "markdown", "--partner").output


def test_a_period_typed_at_the_terminal_is_asked_and_told_back(run) -> None:
    told = run("talk", "--sample", typed="/team\n[Move the talks]\nby June 2027\n[30 June 2027]\n/bye\n").output
    assert "Which day do you mean by “by June 2027”? Tap one, or type another." in told
    assert "The talks are moved to 30 June 2027 (“by June 2027”)." in told


def test_what_an_edited_file_would_change_is_printed_and_not_recorded(run, tmp_path: Path) -> None:
    run("talk", "--sample", typed="/bye\n")
    out, again = tmp_path / "out.zip", tmp_path / "again.zip"
    run("export", "1", "--format", "csv", "-o", str(out))
    assert run("import", "--propose", str(out), "1").output == "The file holds no change.\n"
    out.write_bytes(
        edited_csv(out.read_bytes(), {("items", "crewed", "answer"): "No", ("items", "verdict", "answer"): "x"})
    )
    told = run("import", "--propose", str(out), "1").output.splitlines()
    assert told[0] == "Crewed flight (items.csv, line 12): blank → No"
    assert "“x” cannot be read: it is none of: " in told[1]
    run("talk", typed="/sign\n[Record a dissent…]\nNobody was asked.\n[Sign this state]\n/bye\n")
    voids = "Signed by Maya. Recording any of this voids that."
    assert voids in run("import", "--propose", str(out), "1").output
    run("export", "1", "--format", "csv", "-o", str(again))
    assert run("import", "--propose", str(again), "1").output == "The file holds no change.\n"


@pytest.mark.parametrize("args", [("--propose", "FILE"), ("FILE", "1")])
def test_proposing_needs_the_number_of_the_negotiation(run, tmp_path: Path, args: tuple[str, ...]) -> None:
    (tmp_path / "x").write_bytes(b"x")
    result = run("import", *(str(tmp_path / "x") if one == "FILE" else one for one in args))
    assert result.output == "readiness: Give --propose together with the number of the negotiation, or neither.\n"


def test_a_file_that_nobody_can_read_is_refused_in_one_line(run, tmp_path: Path) -> None:
    run("talk", "--sample", typed="/bye\n")
    (tmp_path / "x.xlsx").write_bytes(b"PK nothing")
    result = run("import", "--propose", str(tmp_path / "x.xlsx"), "1")
    assert result.exit_code == 2
    assert result.output.startswith("readiness: This is neither an Excel workbook")


@pytest.mark.parametrize("body", [b"\xff\xfe\x00", b"", b"{}", b"[1,2"])
def test_a_file_that_is_no_negotiation_is_refused_in_one_line(run, tmp_path: Path, body: bytes) -> None:
    (tmp_path / "x.json").write_bytes(body)
    result = run("import", str(tmp_path / "x.json"))
    assert result.exit_code == 2
    assert result.output.startswith("readiness: ")
    assert result.output.count("\n") == 1


def test_a_negotiation_that_is_not_there_is_said_so(run) -> None:
    run("talk", "--sample", typed="/bye\n")
    assert run("export", "7").output == "readiness: There is no negotiation 7. “readiness list” shows them.\n"


def test_the_list_shows_numbers_and_subjects(run) -> None:
    run("talk", "--sample", typed="/bye\n")
    assert run("list").output == "1  China: civil space cooperation\n"


def test_lint_tells_the_place_of_a_mistake(run, tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text("id: bad\nversion: one\n")
    result = run("lint", str(tmp_path / "bad.yaml"))
    assert result.exit_code == 1
    assert "bad.yaml:2:10: " in result.output
    assert run("lint").output == "3 checklists are sound.\n"


def test_lint_counts_the_checklists_of_a_folder(run, tmp_path: Path) -> None:
    """A folder stands for the checklists in it; one that holds none is a mistake."""
    assert run("lint", str(Path(__file__).parents[1] / "checklists")).output == "3 checklists are sound.\n"

    (tmp_path / "empty").mkdir()
    result = run("lint", str(tmp_path / "empty"))
    assert result.exit_code == 2
    assert "There is no checklist here" in result.output


@pytest.mark.parametrize("of", ["checklist", "negotiation"])
def test_schemas_are_printed_as_json(run, of: str) -> None:
    assert "$schema" in json.loads(run("schema", of).output)


def test_how_far_a_long_export_is_stands_beside_it(run, tmp_path: Path, faults: Hooks) -> None:
    """On the error output: what is redirected is the file and nothing else."""
    faults.pace(file_made_terminal=0.0)
    run("talk", "--sample", typed="/bye\n")
    result = run("export", "1", "--format", "markdown")
    assert result.stderr.startswith("Making Markdown…\n")
    assert result.stdout.startswith("# Readiness for talks with China\n")
    assert "Making" not in result.stdout
    told = run("export", "1", "--format", "pdf", "-o", str(tmp_path / "brief.pdf")).stderr
    assert re.search(r"^Making PDF: drawing 5 of 5…$", told, re.MULTILINE)


def test_the_terminal_chat_tells_of_a_long_file_beside_its_transcript(
    run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, faults: Hooks
) -> None:
    faults.pace(file_made_terminal=0.0)
    monkeypatch.setenv("READINESS_CHECKLISTS", str(Path("checklists").resolve()))
    monkeypatch.chdir(tmp_path)
    result = run("talk", "--sample", typed="/take\n[PDF, to carry]\n/bye\n")
    assert "drawing 5 of 5…" in result.stderr
    assert "drawing" not in result.stdout
    assert list(tmp_path.glob("readiness-china-*.pdf"))
