"""Another master key, with the process killed at any moment: one of the two opens everything, and it is finished."""

from __future__ import annotations

import base64
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from bot.keyfile import key_in, make
from bot.store import Store, WrongKey
from tests.e2e import KEY, ROOT

NEGOTIATIONS = 1500  # keys to be wrapped, so that a kill has something to hit
KILLS = 6

REKEY = """
import sys
from pathlib import Path
from bot import upkeep
from bot.keyfile import key_in
from bot.store import Store
{seed}
old, new, url = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
store = Store.open(url, key_in(old))
print("ready", flush=True)
upkeep.rekey(store, key_in(new))
print("done", flush=True)
"""
# The bug that a kill must find: every key in a transaction of its own.
ONE_BY_ONE = """
from sqlalchemy import select, update
from bot.store.tables import keys
from bot.store.vault import Vault
def rekey(store, new):
    with store.operating() as tx:
        names = [row.name for row in tx._connection.execute(select(keys))]
    for name in names:
        with store.operating() as tx:
            wrapped = Vault(new).wrap(name, tx.secret(name))
            tx._connection.execute(update(keys).where(keys.c.name == name).values(wrapped=wrapped))
upkeep.rekey = rekey
"""


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with many keys."""
    path = tmp_path_factory.mktemp("filled") / "a.db"
    store = Store.open(f"sqlite:///{path}", KEY)
    with store.transaction() as tx:
        for number in range(NEGOTIATIONS):
            tx.new_negotiation(f"n{number}")
    store.close()
    return path


def killed(folder: Path, old: Path, new: Path, after: float | None, seed: str = "") -> bool:
    """Change the key in a process of its own, killed so many seconds after it began; whether it ended by itself."""
    process = subprocess.Popen(
        [sys.executable, "-c", REKEY.replace("{seed}", seed), str(old), str(new), f"sqlite:///{folder}/a.db"],
        cwd=ROOT, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    if after is not None:
        time.sleep(after)
        process.send_signal(signal.SIGKILL)
    said = process.stdout.read()
    process.wait()
    process.stdout.close()
    return "done" in said


def opens(folder: Path, key: bytes) -> bool:
    """Whether a key opens the store, and then every single key in it."""
    try:
        store = Store.open(f"sqlite:///{folder}/a.db", key)
    except WrongKey:
        return False
    with store.operating() as tx:
        for number, _, _ in tx.negotiations():
            tx.secret(str(number))
    store.close()
    return True


def keys(folder: Path, filled: Path) -> tuple[Path, Path]:
    """A copy of the database in a folder, with its key and another one."""
    shutil.copy(filled, folder / "a.db")
    old, new = folder / "old", folder / "new"
    make(new)
    old.write_bytes(base64.b64encode(KEY))
    return old, new


def test_a_rekey_killed_at_any_moment_leaves_one_key_that_opens_all(filled: Path, tmp_path: Path):
    """Killed again and again, at random moments; then it is finished, and the old key opens nothing."""
    old, new = keys(tmp_path, filled)
    chance = random.Random(5)  # noqa: S311 (a test must repeat)
    for _ in range(KILLS):
        killed(tmp_path, old, new, chance.uniform(0, 0.3))
        with_old, with_new = opens(tmp_path, key_in(old)), opens(tmp_path, key_in(new))
        assert with_old != with_new
        if with_new:  # it was done before the kill: the other way round, then
            old, new = new, old
    assert killed(tmp_path, old, new, None)
    assert opens(tmp_path, key_in(new))
    assert not opens(tmp_path, key_in(old))


def test_the_harness_finds_a_rekey_that_is_not_one_transaction(filled: Path, tmp_path: Path):
    """The control: with one transaction a key, a kill leaves some keys that neither opens."""
    old, new = keys(tmp_path, filled)
    assert not killed(tmp_path, old, new, 0.5, ONE_BY_ONE)
    spoilt = 0
    for key in (key_in(old), key_in(new)):
        try:
            spoilt += not opens(tmp_path, key)
        except WrongKey:
            spoilt += 1
    assert spoilt == 2


def test_a_key_file_is_there_whole_or_not_at_all(tmp_path: Path):
    path = tmp_path / "key"
    assert make(path) == key_in(path)
    before = path.read_bytes()
    with pytest.raises(FileExistsError):
        make(path)
    assert path.read_bytes() == before
    assert [one.name for one in tmp_path.iterdir()] == ["key"]
    assert path.stat().st_mode & 0o777 == 0o600
