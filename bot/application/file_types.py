"""Files that people send: what they are by their content, and under which name they go out again.

Nothing of a file is run, unpacked or drawn here: its first bytes say what it is, for an Office file also the
list of what is packed in it. A name says nothing; it is only kept, and made harmless before anybody gets it.
"""

from __future__ import annotations

import io
import re
import unicodedata
import zipfile
from pathlib import PurePosixPath

NAME = 120  # characters of a name that goes out; file systems take 255 bytes
PACKED = 5_000  # files packed in an Office file; a presentation of 500 slides has some 2,000
ENTRY = b"PK\x01\x02"  # APPNOTE.TXT 4.3.12
ALLOWED = (
    "I keep PDF, PNG, JPEG, GIF and WebP, Word, Excel and PowerPoint (without macros), OpenDocument, "
    "and text in UTF-8: TXT, CSV, Markdown, iCalendar."
)
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PPTX = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
OPEN = "application/vnd.oasis.opendocument."

# By type: the endings that a name may have; the first is put on where none of them is there.
ENDINGS: dict[str, tuple[str, ...]] = {
    "application/pdf": (".pdf",),
    "image/png": (".png",),
    "image/jpeg": (".jpg", ".jpeg"),
    "image/gif": (".gif",),
    "image/webp": (".webp",),
    DOCX: (".docx",),
    XLSX: (".xlsx",),
    PPTX: (".pptx",),
    f"{OPEN}text": (".odt",),
    f"{OPEN}spreadsheet": (".ods",),
    f"{OPEN}presentation": (".odp",),
    "text/calendar": (".ics",),
    "text/csv": (".csv",),
    "text/markdown": (".md", ".markdown"),
    "text/plain": (".txt",),
}
BEGINS = (
    (b"%PDF-", "application/pdf"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
)
OFFICE = (("word/document.xml", DOCX), ("xl/workbook.xml", XLSX), ("ppt/presentation.xml", PPTX))
# What no text holds; tabs, line ends and page breaks are text.
CONTROLS = re.compile(rb"[\x00-\x08\x0b\x0e-\x1f\x7f]")
# Names that Windows takes for devices, whatever ending they have.
DEVICES = re.compile(r"(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[0-9¹²³])(?:\.|\Z)", re.IGNORECASE)
# Open, embed, override and isolate directions: with them "exe.gnp" is read as "png.exe" and the other way round.
TURNS = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def kind_of(body: bytes, name: str) -> str | None:
    """The type of a file by its content, None for what is not taken. The name only tells kinds of text apart."""
    found = next((kind for begin, kind in BEGINS if body.startswith(begin)), None)
    if found:
        return found
    if body[:4] == b"RIFF" and body[8:12] == b"WEBP":
        return "image/webp"
    if body.startswith(b"PK\x03\x04"):
        return _packed(body)
    return _text(body, name)


def _packed(body: bytes) -> str | None:
    """What an Office file is, from the list of what is packed in it; none of it is unpacked but a type's name."""
    if body.count(ENTRY) > PACKED:  # whatever the list says of its length, each entry begins so
        return None
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as file:
            names = {entry.filename for entry in file.infolist()}
    except (zipfile.BadZipFile, NotImplementedError, OSError, ValueError, EOFError):
        return None
    if any(PurePosixPath(name).name.casefold() == "vbaproject.bin" for name in names):
        return None
    if "[Content_Types].xml" in names:
        return next((kind for part, kind in OFFICE if part in names), None)
    # OpenDocument 1.2, part 3, 3.3: the first file is "mimetype", stored as it is; its name ends at byte 38.
    begin = body[30:120]
    if not begin.startswith(b"mimetype" + OPEN.encode()):
        return None
    kinds = [kind for kind in ENDINGS if kind.startswith(OPEN)]
    return next((kind for kind in kinds if begin[8:].startswith(kind.encode() + b"PK")), None)


def _text(body: bytes, name: str) -> str | None:
    if not body or CONTROLS.search(body):
        return None
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None
    if text.lstrip().startswith("BEGIN:VCALENDAR"):
        return "text/calendar"
    ending = PurePosixPath(name).suffix.casefold()
    return next((kind for kind in ("text/csv", "text/markdown") if ending in ENDINGS[kind]), "text/plain")


def outgoing(name: str, kind: str) -> str:
    """A name under which a file may be given to anybody: no path, nothing hidden or reserved, an ending that is so.

    ``kind`` is the stored type; without one, of files that came before types were looked at, the ending stays.
    """
    kept = "".join(char for char in unicodedata.normalize("NFC", TURNS.sub("", name)) if char.isprintable())
    kept = re.split(r"[\\/]", kept)[-1]
    kept = re.sub(r'[<>:"|?*]', "-", kept).strip(" .")
    endings = ENDINGS.get(kind, ())
    ending = PurePosixPath(kept).suffix
    if not endings or ending.casefold() in endings:
        stem, ending = kept[: len(kept) - len(ending)], ending[:12]
    else:
        stem, ending = kept, endings[0]
    stem = stem.strip(" .") or "file"
    stem = f"file-{stem}" if DEVICES.match(stem) else stem
    return f"{stem[: NAME - len(ending)].strip(' .')}{ending}"
