"""The master key: from the operator's settings, else from a file that the first start makes."""

from __future__ import annotations

import base64
import secrets
from pathlib import Path

from bot.runtime.setting_forms import KEY_BYTES, master_key
from bot.runtime.settings import Settings, SettingsError
from bot.storage.new_file import new_file, sync


def key_there(chosen: Settings) -> bytes | None:
    """The master key, where there is one."""
    if chosen.key is not None:
        return base64.b64decode(chosen.key.get_secret_value())
    path = key_file(chosen)
    return key_in(path) if path.exists() else None


def key_file(chosen: Settings) -> Path:
    """Where the key lies that the first start makes."""
    return chosen.data / "key"


def key_in(path: Path) -> bytes:
    """The key in a file."""
    try:
        return base64.b64decode(master_key(_text(path).strip()).get_secret_value())
    except ValueError as error:
        raise SettingsError(f"{path} {error}.") from None


def key_texts(chosen: Settings) -> tuple[str, ...]:
    """The key's file as text, for whoever has to keep it out of logs; none where it is in the settings."""
    path = key_file(chosen)
    return (_text(path).strip(),) if chosen.key is None and path.exists() else ()


def make(path: Path) -> bytes:
    """A new key in a new file that only its owner may read. The file is there whole, or not at all."""
    key = secrets.token_bytes(KEY_BYTES)
    with new_file(path) as file:
        file.write(base64.b64encode(key) + b"\n")
    return key


def keep(path: Path) -> bytes:
    """The key in a file, which is made where it is not there, and is on the disk with its name."""
    if not path.exists():
        return make(path)
    key = key_in(path)
    sync(path)
    sync(path.parent)
    return key


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"The key file {path} cannot be read: {type(error).__name__}.") from None
