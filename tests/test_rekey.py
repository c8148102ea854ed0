"""Another master key, with the process killed at any moment: one of the two opens everything, and it is finished."""

from __future__ import annotations

import base64
import multiprocessing
import os
import random
import subprocess
import sys
import time
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from bot.application import maintenance
from bot.runtime.master_key import key_in, make
from bot.storage import WrongKey
from tests import faults
from tests.api import open_store
from tests.e2e import KEY, ROOT

pytest_plugins = ["tests.conftest_store"]
pytestmark = pytest.mark.prove

NEGOTIATIONS = 1500  # keys to be wrapped, so that a kill has something to hit
KILLS = 6
SPAWN = multiprocessing.get_context("spawn")


@pytest.fixture
def filled(url: str) -> str:
    """A database with many keys, of either kind."""
    store = open_store(url, KEY)
    with store.transaction() as tx:
        for number in range(NEGOTIATIONS):
            tx.new_negotiation(f"n{number}")
    store.close()
    return url


def rekey(url: str, old: Path, new: Path, bugs: tuple[str, ...], said: Connection) -> None:
    """Change the key, as a process of its own; it says when it begins and when it has ended."""
    with faults.applied(bugs):
        store = open_store(url, key_in(old))
        said.send("ready")
        maintenance.rekey(store, key_in(new))
        said.send("done")


def killed(url: str, old: Path, new: Path, after: float | None, *bugs: str) -> bool:
    """Change the key in a process of its own, killed so many seconds after it began; whether it ended by itself."""
    ours, its = SPAWN.Pipe(duplex=False)
    process = SPAWN.Process(target=rekey, args=(url, old, new, bugs, its))
    process.start()
    its.close()
    with ours:
        assert ours.recv() == "ready"
        if after is not None:
            time.sleep(after)
            process.kill()
        try:
            done = bool(ours.recv() == "done")
        except EOFError:  # it was killed before
            done = False
    process.join()
    process.close()
    return done


def opens(url: str, key: bytes) -> bool:
    """Whether a key opens the store, and then every single key in it."""
    try:
        store = open_store(url, key)
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
    assert not killed(filled, old, new, 0.5, "rekey_one_by_one")
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
