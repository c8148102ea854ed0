"""Zip files that come out the same, byte for byte, whenever the same is written into them."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable

BEGINNING = (1980, 1, 1, 0, 0, 0)  # the earliest time that a zip file can hold


def zipped(entries: Iterable[tuple[str, bytes]]) -> bytes:
    """A zip file of names and bodies, in this order."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        for name, body in entries:
            info = zipfile.ZipInfo(name, BEGINNING)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = 0o600 << 16
            file.writestr(info, body)
    return out.getvalue()


def again(body: bytes) -> bytes:
    """The same zip file without the times at which it was written."""
    with zipfile.ZipFile(io.BytesIO(body)) as file:
        return zipped([(name, file.read(name)) for name in file.namelist()])
