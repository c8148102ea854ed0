"""The master key: from the operator's settings, else from a file that the first start makes."""

from __future__ import annotations

import base64
import binascii
import os
import secrets
from pathlib import Path

from bot.runtime.settings import Settings, SettingsError

BYTES = 32
HOW = "Give 32 bytes in base64, as “openssl rand -base64 32” prints them"


def known_key(chosen: Settings) -> bytes:
    """The master key, where there has to be one already."""
    if chosen.key is None and chosen.key_file is None and not (chosen.data / "key").exists():
        raise SettingsError("There is no key here. Set READINESS_KEY or READINESS_KEY_FILE to that of the backup.")
    return master_key(chosen)[0]


def master_key(chosen: Settings) -> tuple[bytes, Path | None]:
    """The master key, and the file it was written to if it was made just now."""
    if (key := key_there(chosen)) is not None:
        return key, None
    path = chosen.data / "key"
    return make(path), path


def key_there(chosen: Settings) -> bytes | None:
    """The master key, where there is one."""
    if chosen.key is not None:
        return _read("READINESS_KEY", chosen.key.get_secret_value())
    path = chosen.key_file or chosen.data / "key"
    return key_in(path) if chosen.key_file is not None or path.exists() else None


def key_in(path: Path) -> bytes:
    """The key in a file."""
    return _read(str(path), _text(path))


def key_texts(chosen: Settings) -> tuple[str, ...]:
    """The key's file as text, for whoever has to keep it out of logs; none where it is in the settings."""
    path = chosen.key_file or chosen.data / "key"
    return (_text(path).strip(),) if chosen.key is None and path.exists() else ()


def make(path: Path) -> bytes:
    """A new key in a new file that only its owner may read. The file is there whole, or not at all."""
    key = secrets.token_bytes(BYTES)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(base64.b64encode(key) + b"\n")
            file.flush()
            os.fsync(file.fileno())
        os.link(draft, path)  # which fails where there is one, unlike a rename
    finally:
        draft.unlink(missing_ok=True)
    return key


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"The key file {path} cannot be read: {type(error).__name__}.") from None


def _read(name: str, text: str) -> bytes:
    try:
        key = base64.b64decode(text.strip(), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != BYTES:
        raise SettingsError(f"{name} is no key. {HOW}.")
    return key
