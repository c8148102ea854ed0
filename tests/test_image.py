"""The image, as far as it can be judged without an engine to build it: each step of the Dockerfile, in order."""

from __future__ import annotations

import json
import re
import sys
import tomllib
from fnmatch import fnmatch
from pathlib import Path

from bot.__main__ import main
from bot.config import NAMES

ROOT = Path(__file__).parent.parent
DOCKERFILE = re.sub(r"\\\n\s*", "", (ROOT / "Dockerfile").read_text(encoding="utf-8"))
STEPS = [
    (word, rest) for word, _, rest in (line.partition(" ") for line in DOCKERFILE.splitlines()) if word not in {"", "#"}
]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def said(word: str) -> list[str]:
    """What the steps of one word say, in order."""
    return [rest for one, rest in STEPS if one == word]


def last_stage() -> list[tuple[str, str]]:
    """The steps of the image that is kept."""
    begins = [number for number, (word, _) in enumerate(STEPS) if word == "FROM"]
    return STEPS[begins[-1] :]


def test_it_gets_only_what_is_there_and_what_is_sent() -> None:
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    sent = {line.removeprefix("!") for line in ignored if line.startswith("!")}
    assert "*" in ignored
    copied = {name for rest in said("COPY") if not rest.startswith("--") for name in rest.split()[:-1]}
    assert copied == sent
    assert all((ROOT / name).exists() for name in copied)
    assert not any(fnmatch(name, secret) for name in sent for secret in (".env*", "data*", "tests*"))


def test_what_one_stage_copies_another_has_made() -> None:
    stages = {rest.rpartition(" AS ")[2] for rest in said("FROM") if " AS " in rest}
    (handed,) = [rest.split() for rest in said("COPY") if rest.startswith("--from")]
    assert handed[0].removeprefix("--from=") in stages
    assert f"python -m venv {handed[1]} " in " ".join(said("RUN"))
    assert handed[1] == handed[2], "a venv holds absolute paths and works only where it was made"


def test_the_bot_is_installed_with_all_it_needs_and_only_from_what_was_checked() -> None:
    fetched, installed = said("RUN")[:2]
    assert "--require-hashes --requirement requirements.lock" in fetched
    assert "--no-index --find-links" in installed
    assert re.search(r"--dest (\S+)", fetched)[1] == re.search(r"--find-links (\S+)", installed)[1]  # type: ignore[index]
    locked = set(re.findall(r"^([a-z0-9-]+)==", (ROOT / "requirements.lock").read_text(encoding="utf-8"), re.MULTILINE))
    named = PROJECT["project"]["dependencies"] + PROJECT["build-system"]["requires"]
    needed = {re.split(r"[\[<>=~! ]", one, maxsplit=1)[0].lower() for one in named}
    assert needed <= locked
    assert {PROJECT["project"]["readme"], *PROJECT["project"].get("license-files", ())} <= set(
        " ".join(said("COPY")).split()
    )


def test_it_runs_on_a_python_that_the_bot_is_tested_with() -> None:
    for rest in said("FROM"):
        assert rest.startswith(f"python:{sys.version_info.major}.{sys.version_info.minor}-slim")


def test_it_runs_as_nobody_in_particular_and_writes_only_where_it_may() -> None:
    """The data folder is the home of the user that runs, and a volume; the rest belongs to root."""
    steps = last_stage()
    words = [word for word, _ in steps]
    (user,) = [rest for word, rest in steps if word == "USER"]
    made = next(rest for word, rest in steps if word == "RUN")
    assert user != "root"
    assert made.endswith(f" {user}")
    assert "nologin" in made
    assert "USER" not in words[: words.index("RUN")]
    assert all(word in {"VOLUME", "ENTRYPOINT", "CMD"} for word in words[words.index("USER") + 1 :])
    data = re.search(r"READINESS_DATA=(\S+)", DOCKERFILE)
    assert data is not None
    assert f"--home-dir {data[1]} --create-home" in made
    assert said("VOLUME") == [data[1]]


def test_it_starts_the_bot_itself_and_no_shell() -> None:
    """A shell between would not pass on the signal to stop. Lists are started as they are."""
    entry, command = (json.loads(said(word)[0]) for word in ("ENTRYPOINT", "CMD"))
    assert entry == list(PROJECT["project"]["scripts"])
    assert [*command, *said("CMD")[1:]] == ["serve"]
    assert set(command) <= set(main.commands)


def test_every_setting_it_sets_is_one() -> None:
    named = re.findall(r"(READINESS_\w+|TELEGRAM_\w+|DATABASE_URL)=", DOCKERFILE)
    assert set(named) <= set(NAMES.values())
    assert not {"TELEGRAM_BOT_TOKEN", "DATABASE_URL"} & set(named), "a secret in an image can be read by who has it"


def test_the_checklists_are_where_the_bot_looks_for_them() -> None:
    """In the folder where it is started, which is its default."""
    assert ("WORKDIR", "/app") in last_stage()
    assert ("COPY", "checklists checklists") in last_stage()
