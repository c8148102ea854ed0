"""Which program this is."""

from __future__ import annotations

import subprocess
from importlib.metadata import version
from pathlib import Path

from bot.storage.schema import REVISION

ROOT = Path(__file__).parent.parent


def told_version() -> str:
    """The version, the schema, and the commit where the program runs from a clone."""
    told = f"readiness {version('negotiation-readiness')}, schema {REVISION}"
    if not (ROOT / ".git").exists():
        return told
    words = ["git", "-C", str(ROOT), "describe", "--always", "--dirty", "--abbrev=10"]
    try:
        found = subprocess.run(words, capture_output=True, text=True, check=True)  # noqa: S603 (fixed words)
    except (OSError, subprocess.CalledProcessError):
        return told
    return f"{told}, commit {found.stdout.strip()}"
