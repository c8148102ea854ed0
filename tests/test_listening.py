"""What a start has of the machine is told as it is: the port that was had, and why a folder is shut."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from bot.runtime.listening import placed, sockets
from bot.runtime.settings import settings_of
from tests.e2e import ROOT

pytestmark = pytest.mark.slow

# Whoever runs the tests may be root, who may read all; so the program goes on as nobody, once it is loaded.
AS_NOBODY = """
import os, sys
from bot.__main__ import main
from bot.runtime.cli import checklists
from bot.runtime.settings import settings
settings()
if os.getuid() == 0:
    os.setuid(65534)
main(sys.argv[1:])
"""


def test_with_port_0_links_and_the_log_name_the_port_that_was_had() -> None:
    """With a token too; `tests/test_settings.py` has a bot without one say so."""
    given = dict.fromkeys(("READINESS_LISTEN", "READINESS_METRICS_LISTEN"), "127.0.0.1:0")
    chosen = settings_of(given)
    with sockets(chosen) as where:
        had = placed(chosen, where.pages, where.metrics)
        assert where.pages is not None
        assert had.listen == f"127.0.0.1:{where.pages.getsockname()[1]}"
        assert had.metrics_listen not in {None, "127.0.0.1:0", had.listen}
        assert f"Pages: http://{had.listen}, on {had.listen}. Metrics: {had.metrics_listen}." in had.told


@pytest.mark.parametrize("words", [["lint"], ["form", "us-china-space", "--out", "form.pdf"]])
def test_a_folder_of_checklists_that_may_not_be_read_is_named(words: list[str]) -> None:
    with TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        shut = Path(folder) / "shut"
        shut.mkdir(mode=0o000)
        env = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "READINESS_CHECKLISTS": "shut"}
        ran = subprocess.run(
            [sys.executable, "-B", "-c", AS_NOBODY, *words],
            cwd=folder, env=env, capture_output=True, text=True, check=False,
        )  # fmt: skip
    (line,) = ran.stderr.splitlines()
    assert ran.returncode in {2, 78}
    assert re.search(r"shut,? (which )?cannot be read: Permission denied\.", line), line
    assert ran.stdout == ""


@pytest.mark.prove
@pytest.mark.parametrize("name", ["READINESS_CHECKLISTS", "READINESS_DATA"])
@pytest.mark.parametrize("folder", ["x" * 300, "a/" * 3000], ids=["a long name", "a long way"])
def test_a_folder_whose_name_is_too_long_is_refused_in_words(name: str, folder: str, tmp_path: Path) -> None:
    env = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), name: folder}
    ran = subprocess.run(
        [sys.executable, "-B", "-m", "bot", "list"], cwd=tmp_path, env=env, capture_output=True, text=True, check=False
    )
    (line,) = ran.stderr.splitlines()
    assert ran.returncode == 78
    assert line.startswith(f"readiness: {name} names something else, which cannot be read: File name too long.")
