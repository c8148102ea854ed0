"""What each kind of setting may be. Each reader raises ValueError with what is wrong and what to write instead.

The words follow the setting's name, "READINESS_LISTEN is “8080”. Give …", and never repeat what may hold a secret.
"""

from __future__ import annotations

import base64
import binascii
import ipaddress
import re
from difflib import get_close_matches
from pathlib import Path
from urllib.parse import SplitResult, urlsplit
from zoneinfo import ZoneInfo, available_timezones

from pydantic import SecretStr

KEY_BYTES = 32
PORTS = 65_536
ECHOED = 40  # characters; a longer value is not what it was meant to be, and perhaps a secret
HERE = {"127.0.0.1", "localhost", "[::1]"}
USUAL = {"http": 80, "https": 443}
HOST = re.compile(r"(?=.{1,253}$)[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)*")
TOKEN = re.compile(r"[0-9]+:[A-Za-z0-9_-]+")
RATE = re.compile(r"([1-9][0-9]{0,6})/([1-9][0-9]{0,6})")
LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")
LISTEN = "Give host:port, such as 127.0.0.1:8080"
KEY = "Give 32 bytes in base64, as “openssl rand -base64 32” prints them"


def shown(value: str) -> str:
    """A value as a message may repeat it: not where it looks like an address with a password, a token or a key."""
    plain = len(value) <= ECHOED and value.isprintable() and not re.search(r"@|[0-9]{5,}:\S|=$", value)
    return f"“{value}”" if plain else "something else"


def bot_token(text: str) -> SecretStr:
    """What @BotFather can have given."""
    if not TOKEN.fullmatch(text):
        msg = "is not a bot token. Copy it from @BotFather: digits, a colon, letters"
        raise ValueError(msg)
    return SecretStr(text)


def master_key(text: str) -> SecretStr:
    """A key of 32 bytes, in base64."""
    try:
        key = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != KEY_BYTES:
        msg = f"is no key. {KEY}"
        raise ValueError(msg)
    return SecretStr(text)


def database(text: str) -> SecretStr:
    """The address of a database that we can use."""
    from bot.storage import StoreError
    from bot.storage.engines import parsed

    try:
        parsed(text)
    except StoreError as error:
        msg = f"is refused. {str(error).removesuffix('.')}"
        raise ValueError(msg) from None
    return SecretStr(text)


def folder(text: str) -> Path:
    """A folder, which need not be there."""
    path = Path(text)
    if "://" in text or "?" in text:
        msg = "names no folder. Give one, without a question mark"
        raise ValueError(msg)
    try:
        is_file = path.exists() and not path.is_dir()
    except OSError as error:  # a name that is too long, for one
        msg = f"names {shown(text)}, which cannot be read: {error.strerror}. Give another folder"
        raise ValueError(msg) from None
    if is_file:
        msg = f"names {path}, which is a file. Give a folder"
        raise ValueError(msg)
    return path


def level(text: str) -> str:
    """How much is logged, in capitals."""
    if text.upper() not in LEVELS:
        msg = f"is {shown(text)}. Give {', '.join(LEVELS[:-1])} or {LEVELS[-1]}"
        raise ValueError(msg)
    return text.upper()


def pace(text: str) -> tuple[int, int]:
    """How many messages at once, and how many a second after that."""
    found = RATE.fullmatch(text)
    if not found:
        msg = f"is {shown(text)}. Give how many messages at once and how many a second after that, such as 30/1"
        raise ValueError(msg)
    return int(found[1]), int(found[2])


def updates(text: str) -> str:
    """One of the two ways in which updates come."""
    if text.lower() not in {"polling", "webhook"}:
        msg = f"is {shown(text)}. Give polling or webhook"
        raise ValueError(msg)
    return text.lower()


def zone(text: str) -> ZoneInfo:
    """A time zone by its name, whatever its capitals."""
    names = {name.casefold(): name for name in available_timezones()}
    if text.casefold() not in names:
        near = get_close_matches(text.casefold().replace(" ", "_"), names, 1)
        meant = f"Did you mean {names[near[0]]}?" if near else "Give a name such as Europe/Paris"
        msg = f"is {shown(text)}, which is no time zone. {meant}"
        raise ValueError(msg)
    return ZoneInfo(names[text.casefold()])


def listen(text: str) -> str:
    """A host and a port of this machine to listen on."""
    host, _, port = text.rpartition(":")
    if not (re.fullmatch(r"[0-9]{1,5}", port) and int(port) < PORTS and (found := _host(host))):
        msg = f"is {shown(text)}. {LISTEN}"
        raise ValueError(msg)
    return f"{found}:{int(port)}"


def api_address(text: str) -> str:
    """Where the Bot API is served, without a slash at its end."""
    parts, host = _split(text)
    if parts.scheme not in USUAL or not host or "@" in parts.netloc or parts.query or parts.fragment:
        msg = "is not an address. Give it as https://host[:port]"
        raise ValueError(msg)
    return f"{_origin(parts, host)}{parts.path.rstrip('/')}"


def public_address(text: str) -> str:
    """The address under which Telegram and browsers reach this server, as browsers name it: its origin."""
    parts, host = _split(text)
    if parts.scheme not in USUAL:
        msg = "must begin with https://; only this machine itself may be reached without"
    elif "@" in parts.netloc:
        msg = "holds a name or a password, which everybody would read there. Give it as https://readiness.example.org"
    elif not host:
        msg = "names no host, or a host or port that cannot be. Give it as https://readiness.example.org"
    elif parts.scheme != "https" and host not in HERE:
        msg = "must begin with https://; only this machine itself may be reached without"
    elif parts.path.strip("/") or parts.query or parts.fragment:
        msg = f"has more than a host. Pages are served at the top of an address: give {_origin(parts, host)}"
    else:
        return _origin(parts, host)
    raise ValueError(msg)


def proxy(text: str) -> str:
    """A proxy on the way out, which is spoken to by HTTP."""
    parts, host = _split(text)
    if parts.scheme not in USUAL or not host:
        msg = (
            "is no proxy that can be used. Give it as http://host:port, with user:password@ before the host if need be"
        )
        raise ValueError(msg)
    return text


def proxies(text: str) -> str:
    """The proxies that are believed when they say for whom they ask: addresses and networks."""
    given = [address.strip() for address in text.split(",") if address.strip()]
    for address in given:
        try:
            ipaddress.ip_network(address if address != "*" else "::/0", strict=False)
        except ValueError:
            what = "which is no IP address. Give addresses or networks, a comma between, such as 10.0.0.0/8"
            msg = f"names {shown(address)}, {what}"
            raise ValueError(msg) from None
    return ",".join(given)


def _split(text: str) -> tuple[SplitResult, str]:
    """The parts of an address, and its host; no host where any of it cannot be read."""
    try:
        parts = urlsplit(text)
        host = _host(parts.netloc.rpartition("@")[2].removesuffix(f":{parts.port}").rstrip(":"))
    except ValueError:  # a port that cannot be
        return urlsplit(text.partition("://")[0] + "://"), ""
    return parts, host if text.isprintable() and " " not in text else ""


def _host(text: str) -> str:
    """A host as browsers write it; nothing for what can be none."""
    try:
        if text.startswith("["):
            return f"[{ipaddress.IPv6Address(text[1:-1])}]" if text.endswith("]") else ""
        name = text.rstrip(".").encode("idna").decode().lower()
        if name.rpartition(".")[2].isdigit():
            return str(ipaddress.IPv4Address(name))  # a name's last part is never a number
    except ValueError:
        return ""
    return name if HOST.fullmatch(name) else ""


def _origin(parts: SplitResult, host: str) -> str:
    port = parts.port if parts.port not in {None, USUAL[parts.scheme]} else None
    return f"{parts.scheme}://{host}{f':{port}' if port is not None else ''}"
