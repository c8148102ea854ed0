"""Another master key, with the process killed at any moment: one of the two opens everything, and it is finished."""

from __future__ import annotations

import base64
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from bot.keyfile import key_in, make
from bot.store import Store, WrongKey
from tests.e2e import KEY, ROOT

pytest_plugins = ["tests.conftest_store"]
pytestmark = pytest.mark.prove

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
import time
from sqlalchemy import select, update
from bot.store.tables import keys
from bot.store.vault import Vault
def rekey(store, new):
    with store.operating() as tx:
        names = [row.name for row in tx._connection.execute(select(keys))]
    for name in names:
        time.sleep(0.002)  # so that the kill comes before the end, however quick the database
        with store.operating() as tx:
            wrapped = Vault(new).wrap(name, tx.secret(name))
            tx._connection.execute(update(keys).where(keys.c.name == name).values(wrapped=wrapped))
upkeep.rekey = rekey
"""


@pytest.fixture
def filled(url: str) -> str:
    """A database with many keys, of either kind."""
    store = Store.open(url, KEY)
    with store.transaction() as tx:
        for number in range(NEGOTIATIONS):
            tx.new_negotiation(f"n{number}")
    store.close()
    return url


def killed(url: str, old: Path, new: Path, after: float | None, seed: str = "") -> bool:
    """Change the key in a process of its own, killed so many seconds after it began; whether it ended by itself."""
    process = subprocess.Popen(
        [sys.executable, "-c", REKEY.replace("{seed}", seed), str(old), str(new), url],
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


def opens(url: str, key: bytes) -> bool:
    """Whether a key opens the store, and then every single key in it."""
    try:
        store = Store.open(url, key)
    except WrongKey:
        return False
    try:
        with store.operating() as tx:
            for number, _, _ in tx.negotiations():
                tx.secret(str(number))
    finally:
        store.close()
    return True


def keys(folder: Path) -> tuple[Path, Path]:
    """The key of the database, and another one."""
    old, new = folder / "old", folder / "new"
    make(new)
    old.write_bytes(base64.b64encode(KEY))
    return old, new


def test_a_rekey_killed_at_any_moment_leaves_one_key_that_opens_all(filled: str, tmp_path: Path):
    """Killed again and again, at random moments; then it is finished, and the old key opens nothing."""
    old, new = keys(tmp_path)
    chance = random.Random(5)  # noqa: S311 (a test must repeat)
    for _ in range(KILLS):
        killed(filled, old, new, chance.uniform(0, 0.3))
        with_old, with_new = opens(filled, key_in(old)), opens(filled, key_in(new))
        assert with_old != with_new
        if with_new:  # it was done before the kill: the other way round, then
            old, new = new, old
    assert killed(filled, old, new, None)
    assert opens(filled, key_in(new))
    assert not opens(filled, key_in(old))


def test_the_harness_finds_a_rekey_that_is_not_one_transaction(filled: str, tmp_path: Path):
    """The control: with one transaction a key, a kill leaves some keys that neither opens."""
    old, new = keys(tmp_path)
    assert not killed(filled, old, new, 0.5, ONE_BY_ONE)
    spoilt = 0
    for key in (key_in(old), key_in(new)):
        try:
            spoilt += not opens(filled, key)
        except WrongKey:
            spoilt += 1
    assert spoilt == 2


def test_the_same_words_finish_a_command_that_was_killed(filled: str, tmp_path: Path):
    """`readiness rekey new`, killed anywhere from its start on, also around the making of the file."""
    old, new = keys(tmp_path)
    new.unlink()
    environment = {**os.environ, "READINESS_KEY_FILE": str(old), "DATABASE_URL": filled}
    if filled.startswith("sqlite"):
        environment |= {"DATABASE_URL": "", "READINESS_DATA": str(Path(filled.removeprefix("sqlite:///")).parent)}
    words = [sys.executable, "-m", "bot", "rekey", str(new)]
    began = time.monotonic()
    subprocess.run([*words[:-2], "list"], cwd=ROOT, env=environment, capture_output=True, check=True)
    whole = time.monotonic() - began  # about as long as the command takes to begin
    quiet = subprocess.DEVNULL
    chance = random.Random(6)  # noqa: S311 (a test must repeat)
    for _ in range(KILLS):
        process = subprocess.Popen(words, cwd=ROOT, env=environment, stdout=quiet, stderr=quiet)
        time.sleep(chance.uniform(0.5, 1.3) * whole)
        process.kill()
        process.wait()
        assert opens(filled, KEY) or opens(filled, key_in(new))
    for _ in range(2):  # and once more where it is done already
        done = subprocess.run(words, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        assert f"Set READINESS_KEY_FILE to {new} before the next start." in done.stdout
    assert "already" in done.stdout
    assert opens(filled, key_in(new))
    assert not opens(filled, KEY)


def test_a_key_file_is_there_whole_or_not_at_all(tmp_path: Path):
    path = tmp_path / "key"
    assert make(path) == key_in(path)
    before = path.read_bytes()
    with pytest.raises(FileExistsError):
        make(path)
    assert path.read_bytes() == before
    assert [one.name for one in tmp_path.iterdir()] == ["key"]
    assert path.stat().st_mode & 0o777 == 0o600
