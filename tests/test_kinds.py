"""Files are what their bytes say, and go out under names that do no harm."""

from __future__ import annotations

import io
import zipfile
from pathlib import PurePosixPath, PureWindowsPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.application.file_types import ALLOWED, DOCX, ENDINGS, NAME, PACKED, PPTX, XLSX, kind_of, outgoing
from tests.api import Chat, Delegation


def packed(*names: str, first: bytes = b"", kind: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip of empty files, perhaps with a first one stored as OpenDocument has it."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        if first:
            file.writestr("mimetype", first, compress_type=zipfile.ZIP_STORED)
        for name in names:
            file.writestr(name, b"<x/>", compress_type=kind)
    return out.getvalue()


OFFICE = "[Content_Types].xml"
TAKEN = [
    (b"%PDF-1.7\n...", "a.pdf", "application/pdf"),
    (b"\x89PNG\r\n\x1a\n...", "a.png", "image/png"),
    (b"\xff\xd8\xff\xe0...", "a.jpg", "image/jpeg"),
    (b"GIF89a...", "a.gif", "image/gif"),
    (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "a.webp", "image/webp"),
    (packed(OFFICE, "word/document.xml"), "a.docx", DOCX),
    (packed("_rels/.rels", "xl/workbook.xml", OFFICE), "a.xlsx", XLSX),
    (packed(OFFICE, "ppt/presentation.xml"), "a.pptx", PPTX),
    (
        packed("content.xml", first=b"application/vnd.oasis.opendocument.text"),
        "a.odt",
        "application/vnd.oasis.opendocument.text",
    ),
    (
        packed("content.xml", first=b"application/vnd.oasis.opendocument.spreadsheet"),
        "a.ods",
        "application/vnd.oasis.opendocument.spreadsheet",
    ),
    ("Grüße, 你好\n".encode(), "a.txt", "text/plain"),
    (b"\xef\xbb\xbfa,b\n1,2\n", "a.csv", "text/csv"),
    (b"# Title\n", "a.md", "text/markdown"),
    (b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n", "a.ics", "text/calendar"),
]
REFUSED = [
    b"",
    b"MZ\x90\x00 a program",
    b"\x7fELF\x02\x01",
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 an old Word file, in which macros hide",
    b"text with a \x00 in it",
    "text in UTF-16".encode("utf-16"),
    b"latin caf\xe9",
    b"PK\x03\x04 cut short",
    packed("a.txt"),
    packed(OFFICE, "word/document.xml", "word/vbaProject.bin"),
    packed(OFFICE, "xl/workbook.xml", "xl/VBAPROJECT.BIN"),
    packed(OFFICE, "nothing/known.xml"),
    packed("content.xml", first=b"application/vnd.oasis.opendocument.textile"),
    packed("content.xml", first=b"application/epub+zip"),
    packed("word/document.xml", *(f"a{nth}" for nth in range(PACKED)), OFFICE),
]


@pytest.mark.parametrize(("body", "name", "kind"), TAKEN, ids=[name for _, name, _ in TAKEN])
def test_a_file_is_what_its_bytes_say(body: bytes, name: str, kind: str):
    """Whatever it is called: a name only tells kinds of text apart."""
    assert kind_of(body, name) == kind
    assert outgoing(name, kind) == name
    if not kind.startswith("text/"):
        assert kind_of(body, "innocent.txt") == kind
        assert outgoing("innocent.txt", kind).startswith("innocent.txt.")


@pytest.mark.parametrize("body", REFUSED)
def test_what_is_not_on_the_list_is_not_taken_whatever_its_name(body: bytes):
    for ending in ("pdf", "png", "docx", "txt"):
        assert kind_of(body, f"letter.{ending}") is None


def test_files_made_by_office_programs_are_known():
    """Written by the libraries themselves, not by this test."""
    import docx
    import openpyxl

    out = io.BytesIO()
    docx.Document().save(out)
    assert kind_of(out.getvalue(), "x") == DOCX
    out = io.BytesIO()
    openpyxl.Workbook().save(out)
    assert kind_of(out.getvalue(), "x") == XLSX


@given(st.binary(max_size=300))
def test_no_bytes_make_the_look_fail(body: bytes):
    for begin in (b"", b"PK\x03\x04", b"PK\x05\x06" + bytes(18), b"RIFF"):
        assert kind_of(begin + body, "x") in {None, *ENDINGS}


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("../../etc/passwd", "passwd.txt"),
        ("/etc/cron.d/job.txt", "job.txt"),
        ("C:\\Windows\\System32\\drivers.txt", "drivers.txt"),
        ("..", "file.txt"),
        (".bashrc", "bashrc.txt"),
        ("", "file.txt"),
        ("a\r\nContent-Type: text/html\n.txt", "html.txt"),
        ("a\x00b\x1b[31m.txt", "ab[31m.txt"),
        ("photo\u202etxt.exe", "phototxt.exe.txt"),
        ("report.exe", "report.exe.txt"),
        ("page.html", "page.html.txt"),
        ("CON", "file-CON.txt"),
        ("com1.txt", "file-com1.txt"),
        ("LPT9.tar.txt", "file-LPT9.tar.txt"),
        ("nul .txt", "file-nul.txt"),
        ('a<b>:"c|d?*.txt', "a-b---c-d--.txt"),
        ("name.txt. . .", "name.txt"),
        ("x" * 500 + ".txt", "x" * (NAME - 4) + ".txt"),
        ("письмо партнёра.txt", "письмо партнёра.txt"),
    ],
)
def test_a_name_goes_out_harmless(name: str, safe: str):
    assert outgoing(name, "text/plain") == safe


@given(st.text(max_size=400), st.sampled_from(["", *ENDINGS]))
def test_no_name_leaves_the_folder_it_is_written_to(name: str, kind: str):
    """On any system: one part, no control characters, not too long, and harmless again when it is made so again."""
    safe = outgoing(name, kind)
    assert PurePosixPath(safe).parts == (safe,)
    assert PureWindowsPath(safe).parts == (safe,)
    assert safe not in {"", ".", ".."}
    assert not PureWindowsPath(safe).is_reserved()
    assert len(safe) <= NAME
    assert all(char.isprintable() for char in safe)
    assert not kind or safe.endswith(ENDINGS[kind]) or safe.casefold().endswith(ENDINGS[kind])


# At the desk


@pytest.fixture
def omar(omar: Chat) -> Chat:
    """Omar, where a file is taken."""
    omar.types("/continue")
    return omar


def kept(delegation: Delegation) -> list[tuple[str, str, str]]:
    ids = [one.id for record in delegation.negotiation().records.values() for one in record.evidence]
    with delegation.store.reading() as tx:
        rows = [row for one in ids if (row := tx.file(one))]
    return [(row.id, row.name, row.mime) for row in rows]


def test_a_program_is_refused_with_what_is_allowed_and_nothing_is_stored(delegation: Delegation, omar: Chat):
    said = omar.sends_file("letter.exe", 100)
    assert f"That is no file of a kind I keep, whatever its name says. {ALLOWED} The file was not kept." in said
    assert kept(delegation) == []


def test_the_stored_type_is_that_of_the_content_and_the_id_says_nothing(delegation: Delegation, omar: Chat):
    omar.sends_file("letter.pdf", 100)
    omar.sends_file("letter.html", 100)
    (one, _, mime), (two, _, other) = kept(delegation)
    assert (mime, other) == ("application/pdf", "text/plain")
    assert one != two
    assert "letter" not in one
    assert str(delegation.telegram["Omar"]) not in one


def test_a_file_comes_back_under_a_harmless_name(omar: Chat):
    """What was sent as a web page is given back as the text that it is."""
    omar.sends_file("page.html", 100)
    omar.taps("Evidence (1)", "1. page.html")
    assert "(file page.html.txt: Evidence: page.html.txt)" in omar.taps("Send me the file")
