"""The image, as far as it can be judged without an engine to build it: each step of the Dockerfile, in order."""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
import zipfile
from dataclasses import dataclass
from fnmatch import fnmatch
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml

from bot.runtime.cli.main import COMMANDS
from bot.runtime.settings import NAMES
from tests.e2e import SOON, TOKEN
from tests.telegram_double import TelegramDouble
from tests.test_replicas import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator

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
    assert user.isdecimal(), "a cluster that forbids root sees only numbers"
    assert user != "0"
    assert f"--uid {user} " in made
    assert "nologin" in made
    assert "USER" not in words[: words.index("RUN")]
    assert all(
        word in {"VOLUME", "EXPOSE", "HEALTHCHECK", "ENTRYPOINT", "CMD"} for word in words[words.index("USER") + 1 :]
    )
    data = re.search(r"READINESS_DATA=(\S+)", DOCKERFILE)
    assert data is not None
    assert f"--home-dir {data[1]} --no-create-home" in made
    name = made.partition(" && ")[0].split()[-1]
    assert made.endswith(f"install --directory --mode=700 --owner={name} --group={name} {data[1]}")
    assert said("VOLUME") == [data[1]]


def test_it_starts_the_bot_itself_and_no_shell() -> None:
    """A shell between would not pass on the signal to stop. Lists are started as they are."""
    entry, command = (json.loads(said(word)[0]) for word in ("ENTRYPOINT", "CMD"))
    assert entry == list(PROJECT["project"]["scripts"])
    assert [*command, *said("CMD")[1:]] == ["serve"]
    assert set(command) <= set(COMMANDS)


def test_its_health_is_asked_by_the_bot_itself_and_no_shell() -> None:
    (check,) = said("HEALTHCHECK")
    words = json.loads(check.partition("CMD ")[2])
    assert words[0] in PROJECT["project"]["scripts"]
    assert words[1] in COMMANDS
    assert re.search(r"READINESS_LISTEN=\S+:(\d+)", DOCKERFILE)[1] == said("EXPOSE")[0]  # type: ignore[index]


def test_a_linter_finds_nothing_to_mend() -> None:
    """And finds what it should: the control has a shell between, and another user."""
    linter = str(Path(sys.executable).parent / "hadolint")
    told = subprocess.run([linter, str(ROOT / "Dockerfile")], check=False, capture_output=True, text=True)
    assert (told.returncode, told.stdout) == (0, "")
    worse = DOCKERFILE.replace('ENTRYPOINT ["readiness"]', "ENTRYPOINT readiness")
    told = subprocess.run([linter, "-"], input=worse, check=False, capture_output=True, text=True)
    assert "DL3025" in told.stdout


# The steps, as far as they can be run here


@dataclass
class Laid:
    """The image's folders, laid out on this machine: nothing in them may be written but data and tmp."""

    root: Path

    def run(self, *args: str, **more: str) -> subprocess.CompletedProcess[bytes]:
        """Run a command as the image's user, to its end."""
        return subprocess.run(
            self.command(*args), env=self.env(**more), cwd=self.root / "app", check=False, capture_output=True,
            stdin=subprocess.DEVNULL,
        )  # fmt: skip

    def command(self, *args: str) -> list[str]:
        """The entry point with arguments; what its script does, without the path to a venv in it."""
        return [*self.as_user(), sys.executable, "-c", "from bot.__main__ import main; main()", *args]

    def as_user(self) -> list[str]:
        """What makes root the image's user, who may read here what is root's, Python for one, and write nothing.

        Who is not root can write nothing there as it is.
        """
        user = said("USER")[0]
        only = "-all,+dac_read_search"
        become = [shutil.which("setpriv") or "setpriv", "--reuid", user, "--regid", user, "--clear-groups"]
        return [*become, f"--inh-caps={only}", f"--ambient-caps={only}"] if os.geteuid() == 0 else []

    def env(self, **more: str) -> dict[str, str]:
        """What the Dockerfile sets, and no more than a container has."""
        set_there = dict(one.split("=", 1) for rest in said("ENV") for one in rest.split())
        set_there |= {
            "PATH": "/nowhere",
            "TMPDIR": str(self.root / "tmp"),
            "HOME": "/nowhere",
        }
        return set_there | {"READINESS_DATA": str(self.root / "data"), "PYTHONPATH": str(self.root / "site")} | more


@pytest.fixture(scope="module")
def laid() -> Iterator[Laid]:
    """What .dockerignore lets through, installed as the Dockerfile does, and then closed for writing."""
    root = Path(tempfile.mkdtemp(prefix="image", dir="/tmp"))
    made, site = root / "made", root / "site"
    for folder in (made, site, root / "app", root / "data", root / "tmp"):
        folder.mkdir()
    for rest in said("COPY"):
        *names, to = rest.split()
        if not rest.startswith("--from"):
            home = root / "app" if to == "checklists" else made
            for name in names:
                _copy(ROOT / name, home / name)
    build = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--no-index"]
    subprocess.run([*build, "--wheel-dir", str(root / "tmp"), str(made)], check=True, capture_output=True)
    (wheel,) = (root / "tmp").glob("*.whl")
    with zipfile.ZipFile(wheel) as packed:
        packed.extractall(site)
    shutil.rmtree(made)
    for path in (root, *root.rglob("*")):
        path.chmod(0o555 if path.is_dir() else 0o444)
    for name in ("data", "tmp"):
        (root / name).chmod(0o777)
    yield Laid(root)
    for path in (root, *root.rglob("*")):
        path.chmod(0o700)
    shutil.rmtree(root)


def _copy(source: Path, to: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, to, ignore=shutil.ignore_patterns("__pycache__"))
    else:
        shutil.copy(source, to)


@pytest.mark.prove
def test_what_was_installed_runs_by_itself_and_writes_only_its_data(laid: Laid) -> None:
    """Everything is in the package: migrations, templates, pages. Nobody but the data folder is written to."""
    talked = laid.run("talk", "--sample")
    assert talked.returncode == 0, talked.stderr
    exported = laid.run("export", "1", "--format", "pdf")
    assert exported.stdout.startswith(b"%PDF"), exported.stderr
    there = {path.name for path in (laid.root / "data").iterdir()}
    assert there == {"checklists-read", "key", "readiness.db"}
    told = subprocess.run(
        [*laid.as_user(), sys.executable, "-c", "import bot; print(bot.__file__)"], env=laid.env(),
        cwd=laid.root / "app", check=True, capture_output=True, text=True,
    )  # fmt: skip
    assert told.stdout.startswith(str(laid.root)), "it was the installed one that ran"


@pytest.mark.prove
async def test_the_container_serves_tells_its_health_and_stops(laid: Laid) -> None:
    port = free_port()
    async with TelegramDouble(token=TOKEN) as double:
        own = {
            "TELEGRAM_BOT_TOKEN": TOKEN, "TELEGRAM_API_URL": double.url, "READINESS_LISTEN": f"0.0.0.0:{port}",
        }  # fmt: skip
        entry = laid.command(*json.loads(said("CMD")[0]))
        process = await asyncio.create_subprocess_exec(
            *entry, env=laid.env(**own), cwd=laid.root / "app", stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
        try:
            async with asyncio.timeout(SOON):
                await double.waits.wait()
            check = json.loads(said("HEALTHCHECK")[0].partition("CMD ")[2])[1:]
            asked = await asyncio.to_thread(laid.run, *check, **own)
            assert asked.returncode == 0, asked.stdout
            process.terminate()
            async with asyncio.timeout(SOON):
                assert await process.wait() == 0
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        asked = await asyncio.to_thread(laid.run, *check, **own)
        assert asked.returncode == 1


# compose.yaml

COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", COMPOSE["services"])
def test_no_service_may_more_than_it_needs(name: str) -> None:
    service = COMPOSE["services"][name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["tmpfs"][0] == "/tmp"  # noqa: S108 (in a container)
    assert not {"ports", "privileged", "network_mode"} & set(service), "nothing is open to the network as it comes"


def test_only_the_bot_reaches_the_database_and_the_database_reaches_nobody() -> None:
    bot, database = COMPOSE["services"]["bot"], COMPOSE["services"]["database"]
    assert database["networks"] == ["inside"]
    assert COMPOSE["networks"]["inside"]["internal"] is True
    assert set(bot["networks"]) == set(COMPOSE["networks"])
    assert bot["depends_on"]["database"]["condition"] == "service_healthy"
    assert database["healthcheck"]["test"][0] == "CMD", "no shell"


def test_secrets_come_from_files_and_volumes_are_declared() -> None:
    for service in COMPOSE["services"].values():
        for name, value in service["environment"].items():
            if value.startswith("/run/secrets/"):
                assert value.removeprefix("/run/secrets/") in service["secrets"]
            else:
                assert not re.search(r"TOKEN|KEY|PASSWORD|URL", name)
        assert set(service["secrets"]) <= set(COMPOSE["secrets"])
        assert {one.partition(":")[0] for one in service["volumes"]} <= set(COMPOSE["volumes"])
    assert set(COMPOSE["services"]["bot"]["environment"]) <= set(NAMES)
    assert all(one["file"].startswith("secrets/") for one in COMPOSE["secrets"].values())
    assert "secrets/" in (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()


def test_every_setting_it_sets_is_one() -> None:
    named = re.findall(r"(READINESS_\w+|TELEGRAM_\w+|DATABASE_URL)=", DOCKERFILE)
    assert set(named) <= set(NAMES)
    assert not {"TELEGRAM_BOT_TOKEN", "DATABASE_URL"} & set(named), "a secret in an image can be read by who has it"


def test_the_line_that_starts_it_holds_beside_an_env_file_filled_in_as_told() -> None:
    """Its data goes to the volume and its health is asked where it is told, though the file names both otherwise."""
    (line,) = re.findall(
        r"^docker run (.*)$", (ROOT / "docs" / "operate" / "running.md").read_text(encoding="utf-8"), re.MULTILINE
    )
    words = line.split()
    sample = (ROOT / ".env.example").read_text(encoding="utf-8").splitlines()
    in_file = dict(one.split("=", 1) for one in sample if one and not one.startswith("#"))
    of_image = dict(one.split("=", 1) for rest in said("ENV") for one in rest.split())
    of_line = dict(to.split("=", 1) for word, to in pairwise(words) if word == "--env")
    names = "READINESS_DATA", "READINESS_LISTEN"
    assert [(of_image | in_file | of_line)[name] for name in names] == [of_image[name] for name in names]
    assert words[words.index("--volume") + 1].partition(":")[2] == of_image["READINESS_DATA"]
    assert {"--read-only", "--tmpfs"} < set(words)


def test_the_checklists_are_where_the_bot_looks_for_them() -> None:
    """In the folder where it is started, which is its default."""
    assert ("WORKDIR", "/app") in last_stage()
    assert ("COPY", "checklists checklists") in last_stage()
