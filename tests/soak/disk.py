"""A disk that can be watched, slowed and broken: the file layer of the SQLite that Python has loaded, wrapped.

It needs nothing installed. SQLite calls it for every write, cut, sync and removal; what is read goes straight through.
Source: https://www.sqlite.org/c3ref/vfs.html and io_methods.html; os_unix.c for which syncs reach the folder.
"""

from __future__ import annotations

import ctypes
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from ctypes import CFUNCTYPE, POINTER, c_char_p, c_int, c_int64, c_void_p
from dataclasses import dataclass
from pathlib import Path

OK = 0
FULL = sqlite3.SQLITE_FULL
IO_WRITE, IO_SYNC, IO_CUT, IO_REMOVE = (
    sqlite3.SQLITE_IOERR_WRITE,
    sqlite3.SQLITE_IOERR_FSYNC,
    sqlite3.SQLITE_IOERR_TRUNCATE,
    sqlite3.SQLITE_IOERR_DELETE,
)
OF_JOURNALS = 0x00000800 | 0x00004000 | 0x00080000  # SQLITE_OPEN_MAIN_JOURNAL, _SUPER_JOURNAL, _WAL


@dataclass(frozen=True, slots=True)
class Made:
    """A file came to be."""

    path: str


@dataclass(frozen=True, slots=True)
class Wrote:
    """Bytes were written into a file."""

    path: str
    at: int
    body: bytes


@dataclass(frozen=True, slots=True)
class Cut:
    """A file was cut to a size."""

    path: str
    size: int


@dataclass(frozen=True, slots=True)
class Synced:
    """All of a file is on the disk."""

    path: str


@dataclass(frozen=True, slots=True)
class FolderSynced:
    """What was made and removed in the folder is on the disk."""


@dataclass(frozen=True, slots=True)
class Removed:
    """A file was removed."""

    path: str


Act = Made | Wrote | Cut | Synced | FolderSynced | Removed
Watch = Callable[[Act], int]  # OK lets it happen; else it does not, and SQLite gets the code


class _Methods(ctypes.Structure):
    _fields_ = (
        ("version", c_int),
        *((name, c_void_p) for name in (
            "close", "read", "write", "truncate", "sync", "size", "lock", "unlock", "reserved", "control", "sector",
            "device", "shm_map", "shm_lock", "shm_barrier", "shm_unmap", "fetch", "unfetch",
        )),
    )  # fmt: skip


class _File(ctypes.Structure):
    _fields_ = (("methods", POINTER(_Methods)),)


class _Vfs(ctypes.Structure):
    _fields_ = (
        ("version", c_int), ("os_file", c_int), ("max_path", c_int), ("next", c_void_p), ("name", c_char_p),
        ("app", c_void_p),
        *((name, c_void_p) for name in (
            "open", "delete", "access", "full", "dl_open", "dl_error", "dl_sym", "dl_close", "random", "sleep", "time",
            "last_error", "time64", "set_call", "get_call", "next_call",
        )),
    )  # fmt: skip


# Names are passed on as pointers: SQLite keeps them, and finds more behind their end.
_OPEN = CFUNCTYPE(c_int, POINTER(_Vfs), c_void_p, POINTER(_File), c_int, POINTER(c_int))
_REMOVE = CFUNCTYPE(c_int, POINTER(_Vfs), c_void_p, c_int)
_CLOSE = CFUNCTYPE(c_int, c_void_p)
_WRITE = CFUNCTYPE(c_int, c_void_p, c_void_p, c_int, c_int64)
_TRUNCATE = CFUNCTYPE(c_int, c_void_p, c_int64)
_SYNC = CFUNCTYPE(c_int, c_void_p, c_int)


@dataclass
class _Open:
    """An open file; ``young`` until its first sync, which also syncs the folder that it was made in."""

    path: str
    young: bool


class _Layer:
    """The wrapped layer. Everything SQLite may call is kept alive as long as the process."""

    def __init__(self) -> None:
        self.watch: Watch = lambda _: OK
        self.lib = _library()
        self.lib.sqlite3_vfs_find.restype = POINTER(_Vfs)
        self.lib.sqlite3_vfs_find.argtypes = (c_char_p,)
        self.lib.sqlite3_vfs_register.argtypes = (POINTER(_Vfs), c_int)
        self.real = self.lib.sqlite3_vfs_find(None)
        self._open = ctypes.cast(self.real.contents.open, _OPEN)
        self._remove = ctypes.cast(self.real.contents.delete, _REMOVE)
        self._files: dict[int, _Open] = {}
        self._methods: dict[int, _Methods] = {}
        self._keep: list[object] = []
        self.vfs = _Vfs.from_buffer_copy(self.real.contents)
        self.vfs.name, self.vfs.next = b"watched", None
        self.vfs.open, self.vfs.delete = self._held(_OPEN(self._opens)), self._held(_REMOVE(self._removes))

    def _held(self, call: object) -> int | None:
        self._keep.append(call)
        return ctypes.cast(call, c_void_p).value  # type: ignore[arg-type]

    def _opens(self, _: object, name: int | None, file: object, flags: int, out: object) -> int:
        path = _text(name) if name else ""
        new = bool(path) and not os.path.exists(path)  # noqa: PTH110 (called for every transaction)
        code = self._open(self.real, name, file, flags, out)
        there = file.contents.methods  # type: ignore[attr-defined]
        if code == OK and path and there:
            self._files[ctypes.addressof(file.contents)] = _Open(path, new and bool(flags & OF_JOURNALS))  # type: ignore[attr-defined]
            file.contents.methods = ctypes.pointer(self._wrapped(there))  # type: ignore[attr-defined]
            if new:
                self.watch(Made(path))
        return int(code)

    def _wrapped(self, there: object) -> _Methods:
        """The file calls of the real layer with ours in place of those that change a file."""
        where = ctypes.addressof(there.contents)  # type: ignore[attr-defined]
        if where not in self._methods:
            real = there.contents  # type: ignore[attr-defined]
            close, write = ctypes.cast(real.close, _CLOSE), ctypes.cast(real.write, _WRITE)
            truncate, sync = ctypes.cast(real.truncate, _TRUNCATE), ctypes.cast(real.sync, _SYNC)

            def closes(file: int) -> int:
                self._files.pop(file, None)
                return int(close(file))

            def writes(file: int, body: int, size: int, at: int) -> int:
                code = self.watch(Wrote(self._files[file].path, at, ctypes.string_at(body, size)))
                return code or int(write(file, body, size, at))

            def truncates(file: int, size: int) -> int:
                return self.watch(Cut(self._files[file].path, size)) or int(truncate(file, size))

            def syncs(file: int, flags: int) -> int:
                one = self._files[file]
                code = self.watch(Synced(one.path)) or int(sync(file, flags))
                if code == OK and one.young:
                    one.young = False
                    code = self.watch(FolderSynced())
                return code

            ours = self._methods[where] = _Methods.from_buffer_copy(real)
            ours.close, ours.write = self._held(_CLOSE(closes)), self._held(_WRITE(writes))
            ours.truncate, ours.sync = self._held(_TRUNCATE(truncates)), self._held(_SYNC(syncs))
        return self._methods[where]

    def _removes(self, _: object, name: int, folder: int) -> int:
        code = self.watch(Removed(_text(name))) or int(self._remove(self.real, name, folder))
        return code or (self.watch(FolderSynced()) if folder else OK)


def _text(name: int) -> str:
    return os.fsdecode(ctypes.string_at(name))


def _library() -> ctypes.CDLL:
    """The SQLite that Python's own module uses, be it a library of its own or built in."""
    import _sqlite3

    maps = Path("/proc/self/maps").read_text(encoding="utf-8").split()
    found = next((part for part in maps if "libsqlite3" in part), None)
    lib = ctypes.CDLL(found or getattr(_sqlite3, "__file__", None))
    lib.sqlite3_libversion.restype = c_char_p
    if lib.sqlite3_libversion().decode() != sqlite3.sqlite_version:
        raise RuntimeError("this is not the SQLite that Python uses")
    return lib


_layer: list[_Layer] = []  # one a process: SQLite keeps pointers into it


@contextmanager
def watched(watch: Watch) -> Iterator[None]:
    """Let every database that is opened inside be watched; close them inside, too."""
    if not _layer:
        _layer.append(_Layer())
    layer = _layer[0]
    layer.watch = watch
    layer.lib.sqlite3_vfs_register(ctypes.byref(layer.vfs), 1)
    try:
        yield
    finally:
        layer.lib.sqlite3_vfs_register(layer.real, 1)
        layer.watch = lambda _: OK
