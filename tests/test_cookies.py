"""Cookies: our two are taken out of the header by ourselves, in a time that grows with its length and no faster."""

from __future__ import annotations

import ast
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.datastructures import Headers

from bot.web.app import HEAD_BYTES
from bot.web.security import cookie_for, cookie_in
from tests.api import ROOT

HOSTILE = {
    "backslashes and quotes": 'readiness="' + '\\"' * (HEAD_BYTES // 2) + '"',
    "octal escapes": 'readiness="' + "\\101" * (HEAD_BYTES // 4) + '"',
    "semicolons": ";" * HEAD_BYTES,
    "names of ours": "readiness=;" * (HEAD_BYTES // 11),
    "equals signs": "=" * HEAD_BYTES,
    "blanks": "readiness" + " " * HEAD_BYTES + "=x",
}


def header(*texts: str) -> Headers:
    return Headers(raw=[(b"cookie", text.encode("latin-1")) for text in texts])


@pytest.mark.parametrize("kind", HOSTILE)
def test_forty_hostile_headers_cost_no_tenth_of_a_second(kind: str) -> None:
    """`http.cookies` took 0.66 s of CPU for one before Python 3.11.10 (CVE-2024-7592)."""
    there = header(HOSTILE[kind])
    before = time.process_time()
    for _ in range(40):
        cookie_in(there, "readiness")
    assert time.process_time() - before < 0.4


@pytest.mark.parametrize(
    ("sent", "found"),
    [
        (["readiness=a"], "a"),
        (["other=b; readiness=a; third"], "a"),
        (["readiness=first; readiness=last"], "last"),
        (["other=b", "readiness=a"], "a"),
        (["readiness =a ;"], "a"),
        (["readiness-app=a", "xreadiness=b"], ""),
        (['other="readiness=b"'], ""),
        ([], ""),
    ],
)
def test_a_cookie_is_found_by_its_whole_name(sent: list[str], found: str) -> None:
    assert cookie_in(header(*sent), "readiness") == found


@given(st.from_regex(r"[A-Za-z0-9_.-]{1,200}", fullmatch=True), st.text(st.characters(max_codepoint=255), max_size=100))
def test_what_we_set_is_what_we_find_whatever_else_is_sent(token: str, other: str) -> None:
    set_by_us = cookie_for("readiness", token, 60, secure=True).partition(";")[0]
    assert cookie_in(header(f"a={other}; {set_by_us}"), "readiness") == token


@pytest.mark.slow
def test_nothing_here_reads_or_writes_cookies_by_a_library() -> None:
    """Neither `http.cookies` nor what of starlette stands on it: ``request.cookies``, ``set_cookie``."""
    found = []
    for path in sorted((ROOT / "bot").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            names = [one.name for one in node.names] if isinstance(node, ast.Import | ast.ImportFrom) else []
            module = node.module if isinstance(node, ast.ImportFrom) else ""
            if "http.cookies" in {module, *names} or (isinstance(node, ast.ImportFrom) and "cookie_parser" in names):
                found.append(f"{path.name}: http.cookies")
            if isinstance(node, ast.Attribute) and node.attr in {"cookies", "set_cookie", "delete_cookie"}:
                found.append(f"{path.name}: {node.attr}")
    assert found == []
