"""What operators do: verify, witness, back up and restore, change the key, destroy."""

from __future__ import annotations

import base64
import json
import secrets
import stat
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import select, text, update

from bot.__main__ import main
from bot.application import maintenance
from bot.storage import engines
from bot.storage.process_lock import process_lock
from bot.storage.schema import office, persons
from tests.api import KEY, ROOT, Delegation

pytest_plugins = ["tests.conftest_store"]
pytestmark = pytest.mark.slow

NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)


@pytest.fixture
def there(url: str, tmp_path: Path) -> Iterator[Delegation]:
    """An installation with the sample negotiation."""
    with Delegation(tmp_path, url=url, at=datetime.now(UTC)) as made:
        made.sample()
        yield made


def elsewhere(tmp_path: Path, key: bytes = KEY) -> Delegation:
    """An empty installation on another machine, with the same key."""
    return Delegation(tmp_path, url=f"sqlite:///{tmp_path}/elsewhere/readiness.db", key=key)


def test_a_backup_taken_while_running_comes_back_equal_on_an_empty_machine(there: Delegation, tmp_path: Path):
    """From either kind of database, verified, and only the owner may read the file."""
    held = maintenance.back_up(there.store, tmp_path / "backup")
    assert (held.negotiations, held.rows > 5) == (1, True)
    assert stat.S_IMODE((tmp_path / "backup").stat().st_mode) == 0o600
    with elsewhere(tmp_path) as other:
        assert maintenance.restore(other.store, tmp_path / "backup") == held
        assert other.operator.exported(1) == there.operator.exported(1)
        assert other.verified() == []
        assert another(other) == 2


def another(there: Delegation) -> int:
    """Open other talks; their number."""
    return there.opens("us-china-space", "Maya lead", uid="another", counterpart="X", subject="y", talks_on=NOW.date())


def test_a_restored_postgresql_numbers_on_after_what_came_back(
    there: Delegation, tmp_path: Path, postgres_database: str
):
    maintenance.back_up(there.store, tmp_path / "backup")
    with Delegation(tmp_path, url=postgres_database) as other:
        if not other.operator.people():
            maintenance.restore(other.store, tmp_path / "backup")
            assert another(other) == 2


@pytest.mark.parametrize("harm", ["cut", "flip", "other key", "no backup"])
def test_a_damaged_backup_is_refused_and_nothing_comes_back(there: Delegation, tmp_path: Path, harm: str):
    path = tmp_path / "backup"
    maintenance.back_up(there.store, path)
    body = path.read_bytes()
    spoilt = {"cut": body[:-40], "flip": body[:900] + bytes([body[900] ^ 1]) + body[901:], "no backup": b"hello"}
    path.write_bytes(spoilt.get(harm, body))
    key = secrets.token_bytes(32) if harm == "other key" else KEY
    with elsewhere(tmp_path, key) as other:
        with pytest.raises(maintenance.StoreError, match="backup"):
            maintenance.restore(other.store, path)
        assert other.operator.people() == []


def test_a_backup_is_not_put_over_what_is_there(there: Delegation, tmp_path: Path):
    maintenance.back_up(there.store, tmp_path / "backup")
    with pytest.raises(maintenance.StoreError, match="not empty"):
        maintenance.restore(there.store, tmp_path / "backup")
    with pytest.raises(FileExistsError):
        maintenance.back_up(there.store, tmp_path / "backup")


def test_small_tables_that_disagree_with_the_events_are_found(there: Delegation, url: str):
    """Somebody who was given a seat in the database alone."""
    writes, _ = engines.engines(url)
    with writes.begin() as connection:
        connection.execute(text("UPDATE seats SET role = 'lead'"))
    writes.dispose()
    wrong = there.verified()
    assert "its seats are not those that its events give" in wrong[-1]


def test_an_invitation_and_a_checklist_written_by_hand_are_found(there: Delegation, url: str):
    """Neither a seat at the table nor another question below a given answer comes from the database alone."""
    writes, _ = engines.engines(url)
    with writes.begin() as connection:
        made = "INSERT INTO invites (hash, negotiation, role, expires_at) VALUES ('h', 1, 'lead', '2099-01-01')"
        connection.execute(text(made))
        connection.execute(text("UPDATE checklists SET body = replace(body, 'talks', 'walks')"))
    writes.dispose()
    wrong = there.verified()
    assert [one.partition(": ")[2] for one in wrong] == [
        "one was put there, changed, deleted, or is open again",
        "changed, or put there by hand",
        "changed",
        "an invitation is not one that its events give",
    ]


@pytest.mark.parametrize("bit", [0, 20])
def test_a_key_that_was_changed_is_found_though_nothing_was_read_with_it(tmp_path: Path, bit: int):
    """Else a backup taken afterwards would hold what nobody can open."""
    with elsewhere(tmp_path) as there, there.store.operating() as tx:
        tx.ensure_key("7")
    writes, _ = engines.engines(f"sqlite:///{tmp_path}/elsewhere/readiness.db")
    with writes.begin() as connection:
        body = bytearray(connection.execute(text("SELECT wrapped FROM keys WHERE name = '7'")).scalar_one())
        body[bit] ^= 1
        connection.execute(text("UPDATE keys SET wrapped = :body WHERE name = '7'"), {"body": bytes(body)})
    writes.dispose()
    with elsewhere(tmp_path) as again:
        (wrong,) = again.verified()
    assert "the key of 7: changed" in wrong


def test_invitations_that_were_made_verify_and_let_in_nobody_else(there: Delegation, url: str):
    """Whoever was invited cannot become somebody who is here already."""
    maya = there.terminal("Maya")
    maya.types("/team")
    maya.taps("Invite a member")
    writes, _ = engines.engines(url)
    with writes.begin() as connection:
        assert connection.execute(text("SELECT count(*) FROM invites")).scalar() == 1
    assert there.verified() == []
    with writes.begin() as connection:
        connection.execute(text("UPDATE invites SET person = :maya"), {"maya": maya.person})
    writes.dispose()
    told = there.verified()
    assert len(told) == 3
    assert "an invitation is not one that its events give" in told[2]


@pytest.mark.parametrize(
    "harm",
    [
        "UPDATE invites SET used_at = NULL WHERE used_at IS NOT NULL",
        "UPDATE invites SET used_at = '2026-01-01' WHERE used_at IS NULL",
        "UPDATE invites SET person = (SELECT id FROM persons WHERE name = 'Maya') WHERE used_at IS NULL",
        "UPDATE invites SET expires_at = '2099-01-01T00:00:00+00:00' WHERE used_at IS NULL",
        "DELETE FROM invites WHERE used_at IS NULL",
        "INSERT INTO invites (hash, role, person, expires_at) SELECT 'h', role, person, 'x' FROM invites LIMIT 1",
    ],
)
def test_links_of_the_office_are_those_it_made_and_work_once(there: Delegation, url: str, harm: str):
    """Whoever writes to the database makes no way in for themselves, nor one again of one that was used."""
    there.operator.link("Omar")
    secret = there.operator.link("Maya").rpartition("=")[2].removeprefix("/start ")
    assert there.chat("Maya").joins(secret).known
    assert there.verified() == []
    writes, _ = engines.engines(url)
    with writes.begin() as connection:
        assert connection.execute(text(harm)).rowcount == 1
    writes.dispose()
    told = there.verified()
    assert told[0] == "the roll of invitations: one was put there, changed, deleted, or is open again"


def test_verifying_needs_no_lock_that_a_writer_has(there: Delegation):
    """The bot runs while an operator verifies."""
    with there.store.transaction() as tx:
        tx.set_office("sample", "writing")
        assert there.verified() == []


def test_an_older_copy_of_the_persons_alone_is_found_by_what_was_witnessed(there: Delegation, url: str):
    """Rows, MACs and roll from before belong together; but they were written more often when it was witnessed."""
    people = select(persons), select(office).where(office.c.key == "roll")
    writes, _ = engines.engines(url)
    with writes.begin() as connection:
        (maya,), (roll,) = (connection.execute(one).mappings().all()[:1] for one in people)
    with there.store.transaction() as tx:
        tx.link_person(maya["id"], 4321)
    witness = maintenance.witnessed(there.store)
    assert there.verified(witness) == []
    with writes.begin() as connection:
        connection.execute(update(persons).where(persons.c.id == maya["id"]).values(**maya))
        connection.execute(update(office).where(office.c.key == "roll").values(**roll))
    writes.dispose()
    assert there.verified() == []
    (told,) = there.verified(witness)
    assert told.startswith("persons: ")
    assert "an older copy was put back" in told


def test_an_older_copy_put_back_is_found_by_what_was_witnessed(there: Delegation, tmp_path: Path):
    """It verifies by itself: only the witness knows that there was more."""
    maintenance.back_up(there.store, tmp_path / "old")
    another(there)
    witness = maintenance.witnessed(there.store)
    assert there.verified(witness) == []
    with elsewhere(tmp_path) as other:
        maintenance.restore(other.store, tmp_path / "old")
        assert other.verified() == []
        assert "an older copy was put back" in other.verified(witness)[0]
        forged = json.dumps({**json.loads(witness), "heads": "[]"})
        assert "it was changed" in other.verified(forged)[0]


def test_a_destroyed_negotiation_is_gone_and_its_people_are_at_home(there: Delegation):
    """Chats that stood in it go home; the rest verifies, also against an older witness."""
    witness = maintenance.witnessed(there.store)
    there.purge()
    assert there.operator.negotiations() == []
    assert "You belong to no negotiation" in there.terminal("Maya").screen.text
    assert there.verified(witness) == []


@pytest.mark.parametrize("words", [("rekey", "new"), ("restore", "b1")])
def test_keys_are_not_changed_under_a_bot_that_works(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, str]
):
    """It would go on with those it read before, and what it then writes nobody could read."""
    with elsewhere(tmp_path) as working:
        maintenance.back_up(working.store, tmp_path / "b1")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("READINESS_KEY", base64.b64encode(KEY).decode())
    monkeypatch.setenv("READINESS_DATA", "elsewhere")
    monkeypatch.setenv("READINESS_CHECKLISTS", str(ROOT / "checklists"))
    with process_lock(f"sqlite:///{tmp_path}/elsewhere/readiness.db"):
        refused = CliRunner().invoke(main, words)
    assert refused.exit_code == 75
    assert refused.output.startswith("readiness: Another process works on ")
    assert not (tmp_path / "new").exists()
    assert CliRunner().invoke(main, words).exit_code == 0


def test_the_operators_commands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A key is made at the first start and said; rekey, backup, verify, purge work from the command line."""
    for name in ("READINESS_KEY", "READINESS_KEY_FILE", "DATABASE_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("READINESS_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("READINESS_CHECKLISTS", str(ROOT / "checklists"))
    monkeypatch.chdir(tmp_path)

    def does(*words: str, code: int = 0) -> str:
        ended = CliRunner().invoke(main, words)
        assert ended.exit_code == code, ended.output
        return ended.output

    assert "There is no database in" in does("list", code=2)
    assert "A key was made" in does("talk", "--as", "Maya")
    assert stat.S_IMODE((tmp_path / "data" / "key").stat().st_mode) == 0o600
    assert does("verify") == "All that is kept verifies.\n"
    assert "b1: 0 negotiations, " in does("backup", "b1")
    assert "b1 is there already; nothing was written." in does("backup", "b1", code=2)
    assert "Set READINESS_KEY_FILE to new" in does("rekey", "new")
    assert "data/key is not the key" in does("verify", code=78)
    assert "All keys are wrapped with new already" in does("rekey", "new")  # a run that was killed after it was done
    assert "data/key is not the key" in does("rekey", "newer", code=78)
    monkeypatch.setenv("READINESS_KEY_FILE", "new")
    assert does("verify") == "All that is kept verifies.\n"
    assert "There is no negotiation 7" in does("purge", "7", "--yes", code=2)
    monkeypatch.delenv("READINESS_KEY_FILE")
    monkeypatch.setenv("READINESS_KEY", "short")
    assert "READINESS_KEY is no key" in does("verify", code=78)
    monkeypatch.setenv("READINESS_KEY", base64.b64encode(KEY).decode())
    assert "READINESS_KEY is not the key" in does("verify", code=78)
    monkeypatch.setenv("READINESS_DATA", str(tmp_path / "empty"))
    assert "does not open" in does("restore", "b1", code=1)
    monkeypatch.delenv("READINESS_KEY")
    assert "There is no key here" in does("restore", "b1", code=2)
    assert not (tmp_path / "empty").exists()  # else what was made there would be sealed with the wrong key
    monkeypatch.setenv("READINESS_KEY", (tmp_path / "data" / "key").read_text().strip())
    assert "0 negotiations, " in does("restore", "b1")
