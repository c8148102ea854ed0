"""Commands on the wrong folder, exit codes, one unsound checklist, a folder of one's own, backups before an update."""

from __future__ import annotations

import base64
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import create_engine, text

from bot.__main__ import main
from bot.runtime.cli.exit_codes import CHECK_FAILED, MISTAKE, TRY_AGAIN, WRONG_SETTING
from bot.runtime.master_key import keep, key_in
from bot.runtime.settings import NAMES
from bot.storage import WrongKey
from bot.storage.engines import engines
from bot.storage.integrity.encryption import Vault
from bot.storage.migrate import upgrade
from bot.storage.new_file import new_file
from bot.storage.process_lock import process_lock
from bot.storage.schema import REVISION
from tests.e2e import KEY, ROOT
from tests.faults import Hooks, on

pytest_plugins = ["tests.conftest_store"]
pytestmark = pytest.mark.slow

READING = [
    "list", "verify", "witness", "audit", "backup b1", "export 1", "link Maya", "purge 1 --yes", "purge --due --yes",
    "rekey new", "import --propose some 1",
]  # fmt: skip


@dataclass
class Folder:
    """A folder of an operator's, and what is done in it."""

    path: Path

    def does(self, words: str, code: int = 0, typed: str = "", **given: str) -> str:
        ended = CliRunner().invoke(main, words.split(), env=given, input=f"{typed}/bye\n")
        assert ended.exit_code == code, (words, ended.output)
        self.stderr = ended.stderr
        return ended.output

    @property
    def holds(self) -> list[str]:
        return sorted(str(path.relative_to(self.path)) for path in self.path.rglob("*"))


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Folder:
    """An empty folder with our checklists, and an environment without other settings."""
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    monkeypatch.setenv("READINESS_CHECKLISTS", str(ROOT / "checklists"))
    return Folder(tmp_path / "here")


@pytest.fixture
def sample(here: Folder) -> Folder:
    """The same with the sample in it."""
    here.does("talk --sample")
    return here


# Wrong folders


@pytest.mark.parametrize("words", READING)
def test_a_command_that_reads_makes_nothing_where_nothing_is(here: Folder, words: str) -> None:
    """Else a backup of the wrong folder would be an empty one, day after day, and verify."""
    (here.path / "some").touch()
    told = here.does(words, MISTAKE, READINESS_DATA="typo")
    assert told == "readiness: There is no database in typo.\n"
    (here.path / "typo").mkdir()
    assert here.does(words, MISTAKE, READINESS_DATA="typo") == told
    (here.path / "typo" / "readiness.db").touch()
    assert here.does(words, MISTAKE, READINESS_DATA="typo") == told
    assert here.holds == ["some", "typo", "typo/readiness.db"]


def test_nor_in_a_database_that_is_named_and_empty(here: Folder, url: str) -> None:
    if url.startswith("sqlite"):
        url = f"sqlite:///{here.path}/none/a.db"
    told = here.does("verify", MISTAKE, DATABASE_URL=url)
    assert told == "readiness: There is no database at DATABASE_URL.\n"
    assert here.holds == []


def test_a_backup_says_how_much_it_holds(sample: Folder) -> None:
    assert sample.does("backup b1").startswith("b1: 1 negotiation, ")


def test_a_lost_key_is_missed_by_name_and_not_made_anew(sample: Folder) -> None:
    (sample.path / "data" / "key").unlink()
    for words in ("list", "talk", "backup b1"):
        told = sample.does(words, WRONG_SETTING)
        assert told == (
            "readiness: data/key is missing, and this database opens with no other key. Put it back, or set "
            "READINESS_KEY.\n"
        )
    assert not (sample.path / "data" / "key").exists()


def test_an_import_that_cannot_be_read_makes_nothing(here: Folder) -> None:
    (here.path / "talks.json").write_text("{}", encoding="utf-8")
    here.does("import talks.json", MISTAKE)
    assert here.holds == ["talks.json"]


# Exit codes


def test_what_may_pass_is_75_and_what_is_set_wrong_is_78(sample: Folder) -> None:
    sample.does("list", TRY_AGAIN, DATABASE_URL="postgresql://127.0.0.1:1/x?connect_timeout=1")
    with process_lock("sqlite:///data/readiness.db"):
        sample.does("rekey new", TRY_AGAIN)
    sample.does("list", WRONG_SETTING, LOG_LEVEL="loud")
    sample.does("list", WRONG_SETTING, READINESS_KEY=base64.b64encode(KEY).decode())
    sample.does("export 7", MISTAKE)
    sample.does("no-such-command", MISTAKE)


@pytest.mark.parametrize("wrong", ["nobody", "no_such_database"])
def test_what_a_server_refuses_for_good_is_78(here: Folder, postgres: str, wrong: str) -> None:
    url = (
        postgres.replace("tester@", f"{wrong}@") if wrong == "nobody" else postgres.replace("/postgres?", f"/{wrong}?")
    )
    assert wrong in here.does("list", WRONG_SETTING, DATABASE_URL=url)


def test_damage_is_1(sample: Folder) -> None:
    sample.does("backup b1")
    body = (sample.path / "b1").read_bytes()
    (sample.path / "b2").write_bytes(body[:-30])
    sample.does("restore b2", CHECK_FAILED, READINESS_DATA="other", READINESS_KEY_FILE="data/key")
    database = sample.path / "data" / "readiness.db"
    database.write_bytes(database.read_bytes()[:4096] + b"\x5a" * 90_000)
    assert "Restore a backup." in sample.does("verify", CHECK_FAILED)


def test_the_version_tells_program_and_schema(here: Folder) -> None:
    assert here.does("--version").startswith(f"readiness {version('negotiation-readiness')}, schema {REVISION}")


# Checklists


@pytest.fixture
def unsound(sample: Folder, monkeypatch: pytest.MonkeyPatch) -> Folder:
    """The sample, and checklists of which one has a colon too many."""
    shutil.copytree(ROOT / "checklists", sample.path / "checklists")
    (sample.path / "checklists" / "broken.yaml").write_text("id: broken\ntitle: a: b\n", encoding="utf-8")
    monkeypatch.setenv("READINESS_CHECKLISTS", "checklists")
    return sample


def test_one_unsound_checklist_is_set_aside_and_named(unsound: Folder) -> None:
    told = unsound.does("talk --as Maya")
    assert "readiness: checklists/broken.yaml is set aside until it is mended." in unsound.stderr
    assert re.search(r"checklists/broken\.yaml:2:\d+: .* holds a colon", unsound.stderr)
    assert "China" in told, "the sample's own checklist is there"
    unsound.does("form bilateral -o form.pdf")
    unsound.does("lint", CHECK_FAILED)


@pytest.mark.prove
@pytest.mark.parametrize("words", ["list", "verify", "witness", "audit", "backup b1", "export 1", "link Maya"])
@pytest.mark.parametrize("harm", ["one", "all", "gone"])
def test_upkeep_does_not_read_checklists(unsound: Folder, words: str, harm: str) -> None:
    if harm != "one":
        for path in (unsound.path / "checklists").glob("*.yaml"):
            path.write_text("id: [", encoding="utf-8") if harm == "all" else path.unlink()
    unsound.does(words)
    assert unsound.stderr == ""


@pytest.mark.parametrize("spoilt", ["us-china-space.yaml", "all"])
def test_talks_that_are_open_go_on_when_their_checklist_is_unsound(unsound: Folder, spoilt: str) -> None:
    for path in (unsound.path / "checklists").glob("*.yaml"):
        if spoilt in {"all", path.name}:
            path.write_text("id: [", encoding="utf-8")
    assert "Our goals" in unsound.does("talk --as Maya", typed="/continue\n")


def test_two_checklists_of_one_id_leave_the_first(unsound: Folder) -> None:
    shutil.copy(unsound.path / "checklists" / "bilateral.yaml", unsound.path / "checklists" / "twin.yaml")
    unsound.does("form bilateral -o form.pdf")
    assert "checklists/twin.yaml is set aside" in unsound.stderr
    assert "checklists/bilateral.yaml is set aside" not in unsound.stderr


OWN = """
id: own
version: 1
title: Our own
about: About {waters}.
source: Us.
opening:
  - {id: waters, label: Waters, ask: "Which waters?"}
points: {D1: One point.}
sections:
  - id: one
    title: One
    about: The first.
    items:
      - {id: first, label: First, ask: "What first in {waters}?", why: Because., from: [D1], kind: text}
"""


def test_an_own_folder_of_checklists_has_an_empty_sample_on_its_first(
    here: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    (here.path / "own").mkdir()
    (here.path / "own" / "own.yaml").write_text(OWN, encoding="utf-8")
    monkeypatch.setenv("READINESS_CHECKLISTS", "own")
    here.does("talk --sample")
    assert "What first in Sample waters?" in here.does("talk --as Maya", typed="/continue\n")
    assert here.does("verify") == "All that is kept verifies.\n"


# The text of a checklist that is kept


def sql(folder: Folder, statement: str) -> None:
    engine = create_engine(f"sqlite:///{folder.path}/data/readiness.db")
    with engine.begin() as connection:
        connection.execute(text(statement))
    engine.dispose()


@pytest.mark.parametrize("harm", ["DELETE FROM checklists", "UPDATE checklists SET digest = 'x' || substr(digest, 2)"])
def test_a_negotiation_without_its_text_is_found_and_told_in_a_line(sample: Folder, harm: str) -> None:
    """Though the folder of checklists still has it: tomorrow it may not."""
    sql(sample, harm)
    assert "the text of its checklist" in sample.does("verify", CHECK_FAILED)
    for words in ("export 1", "list"):
        told = sample.does(words, CHECK_FAILED)
        assert told.startswith("readiness: negotiation 1: the text of its checklist (")
        assert told.endswith("Restore a backup.\n")


def test_what_was_purged_is_finished_by_a_new_key_and_said_until_then(here: Folder, url: str) -> None:
    """PostgreSQL keeps the wrapped key in its files and its log; on SQLite it is written over at once."""
    given = {"DATABASE_URL": url, "READINESS_KEY": base64.b64encode(KEY).decode()}
    here.does("talk --sample", **given)
    engine, _ = engines(url)
    with engine.begin() as connection:
        (wrapped,) = connection.execute(text("SELECT wrapped FROM keys WHERE name = '1'")).one()
    engine.dispose()
    told = "Stop the bot, run “readiness rekey NEW”, and destroy the old key"
    here.does("verify", **given)
    assert here.stderr == ""
    here.does("purge 1 --yes", **given)
    for words in ("verify", "purge --due --yes"):
        here.does(words, **given)
        assert (told in here.stderr) == url.startswith("postgresql")
    if url.startswith("sqlite"):
        assert bytes(wrapped) not in Path(url.removeprefix("sqlite:///")).read_bytes()
    here.does("rekey new", **given)
    given = {"DATABASE_URL": url, "READINESS_KEY_FILE": "new"}
    here.does("verify", **given)
    assert here.stderr == ""
    with pytest.raises(WrongKey):
        Vault(key_in(here.path / "new")).unwrap("1", bytes(wrapped))


# Updates of the tables


def older(folder: Path, revision: str) -> None:
    """A database as it was at a revision, with somebody in it."""
    folder.mkdir()
    (folder / "key").write_bytes(base64.b64encode(KEY))
    engine = create_engine(f"sqlite:///{folder}/readiness.db")
    with engine.begin() as connection:
        upgrade(connection, revision)
        connection.execute(
            text("INSERT INTO persons (id, name, lead, joined_at) VALUES ('p1', 'Maya', 1, '2026-01-01')")
        )
        if revision >= "0004":
            from bot.storage.integrity.encryption import CHAIN, OFFICE, Vault
            from bot.storage.integrity.verification import MaintenanceUnit

            deep = MaintenanceUnit(connection, Vault(KEY))
            for key in (OFFICE, CHAIN):
                deep.ensure_key(key)
            if revision >= "0008":
                connection.execute(text("ALTER TABLE office ADD COLUMN mac BLOB"))  # which later versions write
                deep.enter_old()
                if revision >= "0011":
                    deep._keep_roll(replace(deep.roll(), talks=0, closed=None))  # noqa: SLF001 (as it did)
                connection.execute(text("ALTER TABLE office DROP COLUMN mac"))
    engine.dispose()


def schema(folder: Path) -> str:
    engine = create_engine(f"sqlite:///{folder}/readiness.db")
    with engine.begin() as connection:
        found: str = connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one()
    engine.dispose()
    return found


OLD = ["0001", "0003", "0004", "0006", "0007", "0009", "0010", "0011"]


@pytest.mark.prove
@pytest.mark.parametrize("revision", OLD)
def test_tables_are_changed_by_a_start_alone_and_backed_up_before(here: Folder, revision: str) -> None:
    older(here.path / "data", revision)
    for words in READING[:5]:
        told = here.does(words, MISTAKE)
        assert told.startswith(f"readiness: What is in data has schema {revision}, this program has {REVISION}. Start")
        assert schema(here.path / "data") == revision
    here.does("talk --as Maya")
    assert schema(here.path / "data") == REVISION
    assert here.does("verify") == "All that is kept verifies.\n"
    (kept,) = (here.path / "data" / "backups").iterdir()
    assert kept.name.startswith(f"schema-{revision}-")
    assert kept.stat().st_mode & 0o777 == 0o600
    here.does("talk --as Maya")
    assert len(list((here.path / "data" / "backups").iterdir())) == 1


@pytest.mark.prove
@pytest.mark.parametrize("revision", OLD)
def test_a_backup_of_an_earlier_schema_comes_back_up_to_date(here: Folder, revision: str, url: str) -> None:
    """On either kind of database, sealed and counted as if it had been brought up to date where it was."""
    older(here.path / "data", revision)
    here.does("talk --as Maya")
    (kept,) = (here.path / "data" / "backups").iterdir()
    elsewhere = {"READINESS_DATA": "elsewhere", "DATABASE_URL": url, "READINESS_KEY_FILE": "data/key"}
    assert here.does(f"restore {kept}", **elsewhere).startswith("0 negotiations, ")
    assert here.does("verify", **elsewhere) == "All that is kept verifies.\n"
    assert "Bot>" in here.does("talk --as Maya", **elsewhere)


def test_a_backup_of_a_later_schema_says_which_program_it_needs(sample: Folder) -> None:
    with on("newer_program_backs_up"):
        sample.does("backup b1")
    told = sample.does("restore b1", WRONG_SETTING, READINESS_DATA="other", READINESS_KEY_FILE="data/key")
    assert "The backup has schema 9999, this program knows up to" in told


@pytest.mark.parametrize("revision", ["0004", "0009", "0010"])
def test_with_another_key_nothing_is_changed_or_backed_up(here: Folder, revision: str) -> None:
    older(here.path / "data", revision)
    another = base64.b64encode(KEY[::-1]).decode()
    assert "READINESS_KEY is not the key" in here.does("talk --as Maya", WRONG_SETTING, READINESS_KEY=another)
    assert schema(here.path / "data") == revision
    assert not (here.path / "data" / "backups").exists()


def test_tables_are_not_changed_beneath_a_bot_that_runs(here: Folder) -> None:
    older(here.path / "data", "0010")
    with process_lock(f"sqlite:///{here.path}/data/readiness.db"):
        told = here.does("talk --as Maya", TRY_AGAIN)
    assert "Another process works on" in told
    assert schema(here.path / "data") == "0010"


LITTLE = """
import resource, signal, sys
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
from bot.__main__ import main
import bot.storage.migrate, bot.storage.integrity.verification, bot.storage.backup, bot.runtime.terminal
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv.pop(1)), resource.RLIM_INFINITY))
main()
"""


def with_room(folder: Folder, size: int, *words: str) -> subprocess.CompletedProcess[str]:
    """A command that can write files of so many bytes, and no larger ones."""
    return subprocess.run(
        [sys.executable, "-B", "-c", LITTLE, str(size), *words],
        cwd=folder.path, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=False,
        input="",
    )  # fmt: skip


@pytest.mark.prove
def test_without_room_for_the_backup_the_old_tables_stay(here: Folder) -> None:
    older(here.path / "data", "0010")
    sql(here, "INSERT INTO office VALUES ('much', hex(randomblob(200000)))")
    ended = with_room(here, 200_000, "talk", "--as", "Maya")
    assert ended.returncode == TRY_AGAIN, ended.stderr
    assert "Nothing was changed. Make room, and start again." in ended.stderr
    assert schema(here.path / "data") == "0010"
    assert list((here.path / "data" / "backups").iterdir()) == []


def test_a_migration_that_fails_leaves_the_old_tables_and_no_backup_of_them(here: Folder, faults: Hooks) -> None:
    older(here.path / "data", "0009")
    faults.on("migration_fails")
    here.does("talk --as Maya", MISTAKE)
    assert schema(here.path / "data") == "0009"
    assert list((here.path / "data" / "backups").iterdir()) == []


# Files that are whole


@pytest.mark.prove
def test_a_backup_without_room_leaves_nothing_and_can_be_tried_again(sample: Folder) -> None:
    ended = with_room(sample, 2000, "backup", "b1")
    assert (ended.returncode, ended.stdout) == (TRY_AGAIN, "")
    assert ended.stderr == "readiness: b1: File too large. Nothing unfinished is left.\n"
    assert [name for name in sample.holds if "b1" in name] == []
    sample.does("backup b1")


def test_what_a_killed_backup_left_is_written_over_and_has_never_its_name(sample: Folder) -> None:
    (sample.path / ".b1.unfinished").write_bytes(b"x" * 100_000)
    sample.does("backup b1")
    assert [name for name in sample.holds if "b1" in name] == ["b1"]
    sample.does("restore b1", READINESS_DATA="other", READINESS_KEY_FILE="data/key")


def test_a_new_file_and_its_name_are_on_the_disk_before_anything_else_is_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[str] = []
    inner = os.fsync

    def noted(descriptor: int) -> None:
        synced.append(Path(f"/proc/self/fd/{descriptor}").readlink().name)
        inner(descriptor)

    monkeypatch.setattr(os, "fsync", noted)
    with new_file(tmp_path / "folder" / "deep" / "file") as out:
        out.write(b"x")
        assert synced == [tmp_path.name, "folder"]
    assert synced[2:] == [".file.unfinished", "deep"]
    synced.clear()
    key = keep(tmp_path / "key")
    assert synced == [".key.unfinished", tmp_path.name]
    synced.clear()
    assert keep(tmp_path / "key") == key == key_in(tmp_path / "key")
    assert synced == ["key", tmp_path.name], "an earlier run may have been killed before it was"


def test_the_new_key_is_on_the_disk_before_the_database_is_wrapped_with_it(
    sample: Folder, monkeypatch: pytest.MonkeyPatch, faults: Hooks
) -> None:
    order: list[str] = []
    inner = os.fsync
    monkeypatch.setattr(os, "fsync", lambda descriptor: (order.append("sync"), inner(descriptor))[1])
    faults.on("operations_told_to", lambda: order.append("wrap"))
    sample.does("rekey new")
    assert order == ["sync", "sync", "wrap"]


def test_a_file_on_a_stick_that_knows_no_links_is_written_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuses(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuses)
    with new_file(tmp_path / "file") as out:
        out.write(b"x")
    assert (tmp_path / "file").read_bytes() == b"x"
    with pytest.raises(FileExistsError), new_file(tmp_path / "file"):
        pass
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
