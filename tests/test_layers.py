"""Arrows point one way: __main__ → faces → desk → store, library, dialog → core; export → core.

Read from the source, function-level imports and those for type checking included.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
BOT = ROOT / "bot"

# What the parts of each layer may import of ours, beside the layer itself.
OURS: dict[str, set[str]] = {
    "core": set(),
    "dialog": {"core"},
    "library": {"core"},
    "store": set(),
    "export": {"core"},
    "kinds": set(),
    "pace": {"dialog"},
    "papers": {"core", "dialog", "export", "kinds", "store", "traffic"},
    "traffic": {"core", "dialog"},
    "tally": set(),
    "asking": {"config", "keyfile", "store"},
    "stopping": set(),
    "serving": {
        "config",
        "desk",
        "groups",
        "housekeeping",
        "keyfile",
        "listening",
        "office",
        "pace",
        "reminding",
        "sample",
        "stopping",
        "store",
        "tally",
        "telegram",
        "version",
        "web",
    },
    "archive": {"core", "dialog", "store"},
    "doors": {"core", "dialog", "store", "archive", "telling"},
    "audit": {"core", "store"},
    "wishes": {"core", "dialog", "store"},
    "looks": {"core", "dialog", "store"},
    "telling": {"core", "dialog", "store"},
    "chats": {"dialog", "store", "telling", "traffic"},
    "rooms": {"core", "dialog", "store", "archive", "doors", "looks", "papers", "wishes"},
    "screens": {"dialog", "store", "chats", "doors", "papers", "rooms", "traffic"},
    "turning": {
        "audit",
        "chats",
        "core",
        "dialog",
        "kinds",
        "looks",
        "papers",
        "screens",
        "store",
        "telling",
        "traffic",
        "wishes",
    },
    "desk": {
        "audit",
        "chats",
        "core",
        "dialog",
        "doors",
        "pace",
        "papers",
        "screens",
        "store",
        "telling",
        "traffic",
        "turning",
    },
    "reminding": {"core", "dialog", "store", "desk", "telling", "traffic", "wishes"},
    "groups": {"audit", "core", "dialog", "store", "desk", "traffic", "wishes"},
    "office": {"audit", "core", "dialog", "store", "doors", "kinds", "papers", "export", "desk"},
    "sample": {"core", "desk", "office"},
    "talk": {"core", "dialog", "desk", "papers", "screens"},
    "browsing": {"audit", "desk", "dialog", "papers", "screens", "store", "traffic"},
    "phrases": {"audit", "desk", "store"},
    "boards": {"core", "desk", "dialog", "papers", "store"},
    "telegram": {"dialog", "desk", "store", "traffic", "tally", "reminding", "groups"},
    "web": {
        "core",
        "boards",
        "browsing",
        "dialog",
        "export",
        "desk",
        "papers",
        "phrases",
        "stopping",
        "store",
        "tally",
        "traffic",
    },
    "keeping": {"core", "desk", "store", "upkeep"},
    "trying": {
        "config",
        "desk",
        "housekeeping",
        "keyfile",
        "listening",
        "office",
        "pace",
        "reminding",
        "sample",
        "stopping",
        "store",
        "telegram",
        "version",
        "web",
    },
    "housekeeping": {"desk", "keeping", "reminding", "store", "telegram"},
    "upkeep": {"core", "dialog", "store", "archive"},
    "setting_forms": {"store"},
    "config": {"setting_forms", "store"},
    "keyfile": {"config", "setting_forms", "store"},
    "listening": {"config", "web"},
    "version": {"store"},
}

# What they may import of others, beside the standard library. A layer not named here takes what it needs.
OTHERS: dict[str, set[str]] = {
    "core": {"pydantic"},
    "dialog": {"pydantic"},
    "archive": set(),
    "chats": set(),
    "doors": set(),
    "audit": set(),
    "wishes": set(),
    "looks": set(),
    "telling": set(),
    "rooms": set(),
    "screens": set(),
    "desk": set(),
    "turning": set(),
    "reminding": set(),
    "groups": set(),
    "office": set(),
    "kinds": set(),
    "pace": set(),
    "papers": set(),
    "traffic": set(),
    "tally": set(),
    "asking": set(),
    "serving": {"starlette"},
    "sample": set(),
    "talk": set(),
    "browsing": set(),
    "trying": set(),
    "housekeeping": set(),
    "boards": set(),
    "phrases": set(),
    "export": {"pydantic", "typst", "docx", "lxml", "xlsxwriter", "openpyxl", "icalendar"},
    "library": {"pydantic", "pydantic_core", "yaml"},
    "keeping": set(),
    "upkeep": set(),
    "keyfile": set(),
    "listening": set(),
    "version": set(),
    "setting_forms": {"pydantic"},
    "store": {"sqlalchemy", "alembic", "psycopg", "cryptography"},
    "telegram": {"telegram", "aiohttp"},
    "web": {"starlette", "python_multipart", "uvicorn", "jinja2", "prometheus_client", "cryptography"},
    "config": {"pydantic", "dotenv"},
}

# Beyond the layers: what would bring a clock, chance or the outside world into what is pure.
IMPURE = {"asyncio", "os", "random", "secrets", "socket", "sqlite3", "subprocess", "threading", "time", "urllib"}
PURE = ("core", "dialog")
# In the telegram face, only the word for what a store cannot do may come from there.
STORE_WORDS = {"StoreBusy", "StoreError", "StoreUnavailable", "Conflict"}


def modules() -> list[Path]:
    return sorted(path for path in BOT.rglob("*.py") if path.name != "__main__.py")


def layer(path: Path) -> str:
    """The part of the bot a file belongs to: ``core`` for bot/core/rules.py, ``desk`` for bot/desk.py."""
    parts = path.relative_to(BOT).with_suffix("").parts
    return parts[0]


def imports(path: Path) -> Iterator[tuple[int, str, str]]:
    """Every import of a file: line, module, and the name taken from it (empty for a whole module)."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, one.name, "") for one in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}: a relative import hides its layer"
            yield from ((node.lineno, node.module or "", one.name) for one in node.names)


def calls(path: Path) -> Iterator[tuple[int, str]]:
    """Every call of a file by its dotted name."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            yield node.lineno, ast.unparse(node.func)


def upward(path: Path) -> Iterator[str]:
    """The imports of a file that go against the arrows."""
    here = layer(path)
    for line, module, name in imports(path):
        at = f"{path.relative_to(ROOT)}:{line}: "
        top, _, rest = module.partition(".")
        if top == "bot":
            there = rest.partition(".")[0] or name
            if there != here and there not in OURS.get(here, set()):
                yield f"{at}{here} may not import {there}"
        elif top not in sys.stdlib_module_names and top not in OTHERS.get(here, {top}):
            yield f"{at}{here} may not import {top}"
        if top in IMPURE and here in PURE:
            yield f"{at}{here} is pure and may not import {top}"


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(BOT)))
def test_arrows_point_one_way(path: Path) -> None:
    assert not list(upward(path))


def test_every_part_of_the_bot_has_its_place_in_the_layers() -> None:
    parts = {layer(path) for path in modules()} - {"__init__"}
    assert parts <= set(OURS)


def test_nothing_imports_the_command_line() -> None:
    users = [path for path in modules() for _, module, _ in imports(path) if module == "bot.__main__"]
    assert not users


def test_what_is_pure_reads_no_clock_and_opens_no_file() -> None:
    """Today and now come in through the room; the desk alone asks the clock."""
    forbidden = ("datetime.now", "datetime.utcnow", "date.today", "open", "print", "input", "Path.read_text")
    found = [
        f"{path.relative_to(ROOT)}:{line}: {call}"
        for path in modules()
        if layer(path) in (*PURE, "export")
        for line, call in calls(path)
        if call in forbidden
    ]
    assert not found


def test_the_telegram_face_knows_no_sql() -> None:
    """Of the store it knows only what can go wrong; it holds no rule and no query."""
    found = [
        f"{path.relative_to(ROOT)}:{line}: {module} {name}"
        for path in modules()
        if layer(path) in {"telegram", "web"}
        for line, module, name in imports(path)
        if module.startswith("bot.store") and name not in STORE_WORDS
    ]
    assert not found


def test_settings_are_read_in_one_module() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{line}: {call}"
        for path in modules()
        for line, call in calls(path)
        if call in {"os.environ.get", "os.getenv"} and layer(path) != "config"
    ]
    assert not found


def test_an_arrow_the_wrong_way_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The test itself sees imports inside functions and below TYPE_CHECKING."""
    wrong = tmp_path / "bot" / "core" / "wrong.py"
    wrong.parent.mkdir(parents=True)
    wrong.write_text("def f():\n    from bot.store import Tx\n    import telegram\n    import time\n", encoding="utf-8")
    monkeypatch.setattr(sys.modules[__name__], "ROOT", tmp_path)
    monkeypatch.setattr(sys.modules[__name__], "BOT", tmp_path / "bot")
    assert [found.rpartition(": ")[2] for found in upward(wrong)] == [
        "core may not import store",
        "core may not import telegram",
        "core is pure and may not import time",
    ]
