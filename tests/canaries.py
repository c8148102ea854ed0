"""Looks for words in everything a bot leaves behind, however they are written there."""

from __future__ import annotations

import asyncio
import base64
import ctypes
import io
import json
import os
import struct
import threading
import zipfile
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Collection, Iterable, Iterator, Mapping

# Put before all else into the bot's process, whose paths it then tells: Python's own, and those unlinked at once.
HOOK = """
import os, sys
def told():
    out = os.open({out!r}, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    def hook(event, args):
        if event == "open":
            path, mode, flags = args
            if not flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
                return
        elif event.startswith("tempfile."):
            path = args[0]
        else:
            return
        os.write(out, f"{{event}} {{path!r}}\\n".encode("utf-8", "backslashreplace"))
    sys.addaudithook(hook)
told()
"""


EMPTY = bytes(64)  # which no word is among, and of which databases hold megabytes


def spellings(word: str) -> set[bytes]:
    """A word as programs write it: in several alphabets, escaped, quoted, in hexadecimal and in base64."""
    plain = word.encode()
    found = {plain, word.encode("utf-16-le"), word.encode("utf-16-be"), word.encode("latin-1", "xmlcharrefreplace")}
    found |= {json.dumps(word)[1:-1].encode(), quote(word).encode(), quote(word, safe="").lower().encode()}
    found |= {plain.hex().encode(), plain.hex().upper().encode(), ascii(plain)[2:-1].encode()}
    for before in range(3):  # base64 takes three bytes at a time, so that a word may begin in three ways
        coded = base64.b64encode(bytes(before) + plain)
        whole = coded[4 if before else 0 : len(coded) // 4 * 4 - 4]  # without what its neighbours share
        found |= {whole, whole.translate(bytes.maketrans(b"+/", b"-_"))}
    return found


@dataclass(frozen=True)
class Search:
    """Words that are to be nowhere, by what each of them is."""

    words: Mapping[str, str]

    def found(self, *bodies: bytes) -> set[str]:
        """Which of them are in there, in small letters or as they are; what is packed is looked into."""
        shorter = (body.replace(EMPTY, b"") for body in bodies)
        unpacked = [part for body in shorter for part in (body, body.lower(), *_packed(body))]
        return {name for name, ways in self._ways.items() if any(way in body for way in ways for body in unpacked)}

    @cached_property
    def _ways(self) -> dict[str, set[bytes]]:
        return {name: spellings(word) for name, word in self.words.items()}

    def below(self, *folders: Path) -> dict[str, set[str]]:
        """Which of them are in which file below some folders, and in its name."""
        found = {}
        for path in (path for folder in folders for path in folder.rglob("*")):
            with suppress(OSError):  # gone meanwhile
                body = path.read_bytes() if path.is_file() else b""
                if names := self.found(body, str(path).encode()):
                    found[str(path)] = names
        return found


def _packed(body: bytes) -> Iterator[bytes]:
    """The parts of every zip in there, as Word and Excel files are."""
    at = body.find(b"PK\x03\x04")
    if at >= 0:
        with suppress(zipfile.BadZipFile, OSError), zipfile.ZipFile(io.BytesIO(body[at:])) as file:
            yield from map(file.read, file.namelist())


@dataclass
class Tap:
    """Stands between a bot and Telegram, and keeps every byte the bot sends."""

    url: str = ""
    heard: list[bytearray] = field(default_factory=list)  # one a connection


@asynccontextmanager
async def tapped(port: int) -> AsyncIterator[Tap]:
    """A tap before what listens on a port of loopback."""
    tap, going = Tap(), set()

    async def carry(source: asyncio.StreamReader, to: asyncio.StreamWriter, kept: bytearray) -> None:
        with suppress(OSError):
            while part := await source.read(65536):
                kept += part
                to.write(part)
                await to.drain()
        to.close()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        going.add(asyncio.current_task())
        there, further = await asyncio.open_connection("127.0.0.1", port)
        tap.heard.append(bytearray())
        with suppress(asyncio.CancelledError):
            await asyncio.gather(carry(reader, further, tap.heard[-1]), carry(there, writer, bytearray()))
        further.close()
        writer.close()

    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    tap.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield tap
    finally:
        server.close()
        for one in going:
            one.cancel()
        await asyncio.gather(*going)


@dataclass
class Seen:
    """What a watch saw: every name that came, however shortly, and what was found in files while they were there."""

    names: set[str] = field(default_factory=set)
    found: dict[str, set[str]] = field(default_factory=dict)


CREATED, MOVED_IN = 0x100, 0x80  # inotify(7)


@contextmanager
def watched(search: Search, folders: Iterable[Path], besides: Collection[Path]) -> Iterator[Seen]:
    """Watch some folders: the kernel tells every name made there, and what lies there is read again and again.

    ``besides`` stay and are long to read: they are for the caller to search.
    """
    kernel, seen, stop = ctypes.CDLL(None, use_errno=True), Seen(), threading.Event()
    descriptor = kernel.inotify_init1(os.O_NONBLOCK)
    folders = list(folders)
    watches = {kernel.inotify_add_watch(descriptor, os.fsencode(one), CREATED | MOVED_IN): one for one in folders}
    assert min(watches) > 0, os.strerror(ctypes.get_errno())

    def look() -> None:
        while not stop.wait(0.002):
            with suppress(BlockingIOError):
                seen.names |= set(_created(os.read(descriptor, 65536), watches))
            for path in (path for folder in folders for path in folder.iterdir() if path not in besides):
                with suppress(OSError):  # gone meanwhile, or a folder
                    if names := search.found(path.read_bytes()):
                        seen.found.setdefault(str(path), set()).update(names)

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield seen
    finally:
        stop.set()
        thread.join()
        os.close(descriptor)


def _created(told: bytes, watches: Mapping[int, Path]) -> Iterator[str]:
    """The paths in what the kernel tells. Source: inotify(7), struct inotify_event."""
    at = 0
    while at < len(told):
        watch, _, _, length = struct.unpack_from("iIII", told, at)
        yield str(watches[watch] / os.fsdecode(told[at + 16 : at + 16 + length].rstrip(b"\0")))
        at += 16 + length
