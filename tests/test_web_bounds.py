"""The browser face at its bounds: tries at the door, invented sessions, odd forms, and files of talks that are gone."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from starlette.responses import Response

from bot.runtime.browser import origins
from bot.web.security import FORM_BYTES, SecurityMiddleware
from bot.web.texts import DOOR, WRONG
from tests.browsers import Tab, Web, served
from tests.test_leads_desk import in_telegram, init, signs_in
from tests.test_web import answering as before_a_no
from tests.test_web import invited, no, papers, taken

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.types import Message, Receive, Scope, Send

pytestmark = pytest.mark.slow

WAIT = WRONG[429][1]


@pytest.fixture
def web(tmp_path: Path) -> Iterator[Web]:
    """Maya, who leads, Omar and Lina; nobody has Telegram."""
    with served(tmp_path) as made:
        yield made


# The door


def test_a_good_invitation_works_however_often_its_page_is_looked_at(web: Web) -> None:
    secret = invited(web)
    for _ in range(25):
        assert web.browser().see(f"/join?s={secret}").status == 200
        assert web.browser().post("/join", {"s": secret, "name": " "}).status == 422
    assert "Talks with China" in web.browser().post("/join", {"s": secret, "name": "Nora"}).text


def test_a_whole_team_comes_in_from_one_address(web: Web) -> None:
    for name in (f"Sample {n}" for n in range(14)):
        secret = invited(web)
        assert web.browser().see(f"/join?s={secret}").status == 200
        assert "Talks with China" in web.browser().post("/join", {"s": secret, "name": name}).text


def test_who_tries_secrets_is_told_to_wait_and_no_good_invitation_is_called_void(web: Web) -> None:
    secret, tab = invited(web), web.browser()
    found = [tab.see(f"/join?s=wrong{n}").status for n in range(8)]
    found += [tab.post("/join", {"s": f"wrong{n}", "name": "Vera"}).status for n in range(8)]
    assert (set(found), found[0], found[-1]) == ({404, 429}, 404, 429)
    assert WAIT in tab.text
    for waiting in (tab.see(f"/join?s={secret}"), tab.post("/join", {"s": secret, "name": "Nora"})):
        assert waiting.status == 429
        assert WAIT in waiting.text
        assert DOOR["void"] not in waiting.text
    assert "Nora" not in web.people


def test_who_tries_secrets_from_elsewhere_behind_the_same_proxy_keeps_nobody_out(web: Web) -> None:
    secret, theirs = invited(web), {"x-forwarded-for": "192.0.2.1"}
    tries = [web.browser().post("/join", {"s": f"wrong{n}", "name": "Vera"}, **theirs).status for n in range(14)]
    assert tries[-1] == 429
    ours = {"x-forwarded-for": "192.0.2.2"}
    assert "Talks with China" in web.browser().post("/join", {"s": secret, "name": "Nora"}, **ours).text


# Invented sessions


def answered(count: int, method: str, *, sessions: bool) -> int:
    """How many requests from one address are answered, each with a session of its own name or with none."""
    through = 0

    async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
        nonlocal through
        through += 1
        await Response()(_scope, _receive, send)

    async def refuse(_request: Request, error: Exception) -> Response:
        return Response(status_code=getattr(error, "status_code", 500))

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(_message: Message) -> None:
        pass

    async def asks() -> None:
        guard = SecurityMiddleware(app, lambda: origins("127.0.0.1:80", None), refuse, lambda: "readiness")
        for n in range(count):
            headers = [(b"host", b"127.0.0.1:80"), (b"origin", b"http://127.0.0.1:80")]
            if sessions:
                headers.append((b"cookie", b"readiness=invented%d" % n))
            scope = {"type": "http", "method": method, "path": "/", "headers": headers, "client": ("192.0.2.1", 1)}
            await guard(scope, receive, send)

    asyncio.run(asks())
    return through


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_sessions_that_are_invented_do_not_get_around_the_pace(method: str) -> None:
    assert answered(12_000, method, sessions=True) < 12_000


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_two_hundred_people_behind_one_address_are_answered(method: str) -> None:
    assert answered(400, method, sessions=True) == 400
    assert answered(400, method, sessions=False) < 400


# Forms


def multipart(charset: str, fields: dict[str, str]) -> tuple[bytes, dict[str, str]]:
    parts = (f'--b\r\ncontent-disposition: form-data; name="{name}"\r\n\r\n{it}\r\n' for name, it in fields.items())
    kind = f"multipart/form-data; boundary=b{charset and f'; charset={charset}'}"
    return ("".join(parts) + "--b--\r\n").encode(), {"content-type": kind}


@pytest.mark.parametrize(
    ("charset", "status"), [("utf-7", 400), ("utf-16", 400), ("x", 400), ("utf-8", 200), ('"UTF-8"', 200), ("", 200)]
)
def test_a_form_in_another_alphabet_is_refused_and_ends_in_no_fault(web: Web, charset: str, status: int) -> None:
    tab, before = before_a_no(web), web.recorded()
    to, form = no(tab)
    body, head = multipart(charset, {**form, "tap": "", "text": "+2AA-"})
    assert tab.client.post(to, content=body, headers=head).status_code == status
    assert web.recorded() == before
    assert tab.client.post("/join", content=body, headers=head).status_code == 400


def large(most: int, sent: list[int]) -> Iterator[bytes]:
    for _ in range(most // 65_536):
        sent.append(65_536)
        yield b"x" * 65_536


def test_no_file_is_read_of_who_is_not_known_yet(tmp_path: Path) -> None:
    """A form of many fields, and no file, comes in by its own: it is refused, whatever is in it."""
    with in_telegram(tmp_path) as app:
        for path in ("/app/sign-in", "/join"):
            body, head = multipart("", {"init": init(app), "path": "", "s": "x", "name": "x" * FORM_BYTES})
            assert app.browser().client.post(path, content=body, headers=head).status_code == 400
            head = {"content-type": "application/x-www-form-urlencoded"}
            answer = app.browser().client.post(path, content=large(2 * FORM_BYTES, []), headers=head)
            assert answer.status_code == 413
        assert signs_in(app, init(app)).status == 200


# Files of talks that are gone


def brought(web: Web, name: str = "Maya") -> list[tuple[Tab, str]]:
    """A document and a picture in the chat, and a document on the desk: who has them, and where."""
    chat, desk = web.as_(name), web.as_(name)
    taken(chat, "PDF")
    chat.write("/summary")
    desk.see("/desk").tap("Excel, to work on")
    found = [(chat, papers(chat)[-1]), (chat, chat.page.xpath("//article//img/@src")[-1])]
    return [*found, (desk, desk.page.xpath("//a[@class='paper']/@href")[0])]


def test_what_was_brought_is_gone_with_the_talks(web: Web) -> None:
    files = brought(web)
    assert [tab.see(path).status for tab, path in files] == [200, 200, 200]
    desk, path = files[-1]
    web.purge(1)
    assert [tab.see(path).status for tab, path in files] == [410, 410, 410]
    assert ".xlsx" not in desk.see(f"/desk/here?file={path.rpartition('/')[2]}").answer.text
    assert not web.site.scrollback._files  # noqa: SLF001 (that nothing is left cannot be seen)


def test_who_is_removed_keeps_nothing_of_those_talks_though_they_sit_in_others(web: Web) -> None:
    omar = web.as_("Omar").tap("Summary")
    picture = omar.page.xpath("//article//img/@src")[-1]
    assert omar.see(picture).status == 200
    another_talks(web, "Omar")
    web.as_("Maya").write("/team").tap("Omar…").tap("Remove…").tap("Remove")
    assert omar.see(picture).status == 410
    assert omar.see("/").status == 200
    assert not omar.page.xpath("//article//img")


def another_talks(web: Web, name: str) -> None:
    """Somebody sits in other talks, too."""
    day = (web.clock.now + timedelta(weeks=8)).date()
    web.opens("us-china-space", f"{name} lead", uid="other", counterpart="Sampleland", subject="orbits", talks_on=day)


def test_what_was_said_above_is_gone_with_the_talks(web: Web) -> None:
    tab = before_a_no(web).write("perhaps").tap("No")
    assert any("perhaps" in one for one in tab.above)
    assert any("Crewed flight" in one for one in tab.above)
    web.purge(1)
    assert tab.see("/").status == 200
    assert tab.above == []
    assert "Crewed flight" not in tab.answer.text


def test_what_is_of_other_talks_stays(web: Web) -> None:
    files = brought(web)
    another_talks(web, "Maya")
    web.purge(2)
    assert [tab.see(path).status for tab, path in files] == [200, 200, 200]


def test_no_picture_drawn_before_is_shown_of_talks_that_are_gone(web: Web) -> None:
    """Their number is never given again, so nothing can ask for what is kept under it."""
    tab = web.as_("Maya").see("/desk")
    path = tab.page.xpath("//section[@id='trend']//img/@src")[0]
    assert tab.see(path).status == 200
    web.purge(1)
    assert web.desk.pictures._drawn  # noqa: SLF001 (or there would be nothing to show)
    assert [tab.see(one).status for one in (path, "/desk/trend.png")] == [404, 404]
