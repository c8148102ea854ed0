"""The browser face over HTTP: signing in, saying things, files, and everything that is refused."""

from __future__ import annotations

import asyncio
import os
import re
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import islice
from pathlib import Path

import pytest
from click.testing import CliRunner

from bot.__main__ import main
from bot.application import announcements
from bot.application.browser_sessions import hashed
from bot.application.turns import ASTRAY
from bot.domain.events import Role
from bot.runtime.browser import origins
from bot.storage import SessionRow
from bot.web import conversation as pages_of_chat
from bot.web.security import FILE_BYTES, HEADERS
from bot.web.texts import DOOR
from tests.api import Delegation, Hooks, NotFound
from tests.browsers import Tab, Web, served
from tests.edited import edited_csv

pytestmark = pytest.mark.slow

STRANGER = {"origin": "https://evil.example"}


@pytest.fixture
def sample(tmp_path: Path) -> Iterator[Web]:
    """Whoever has the key may be any of three."""
    with served(tmp_path, sample=True) as made:
        yield made


@pytest.fixture
def web(tmp_path: Path) -> Iterator[Web]:
    """The same three, and nobody may be another."""
    with served(tmp_path) as made:
        yield made


# The door


def test_who_is_not_signed_in_sees_the_door_and_nothing_else(web: Web) -> None:
    tab, maya = web.browser(), web.people["Maya"]
    for path in ("/", f"/chat/{maya}", f"/chat/{maya}/file/x", f"/live?as={maya}"):
        assert tab.see(path).status == 401
        assert DOOR["closed"] in tab.text
        assert "China" not in tab.answer.text
    assert tab.post(f"/chat/{maya}", {"text": "No"}).status == 401


@pytest.mark.parametrize("path", ["/", "/nowhere", "/static/face.css", "/static/nothing.js", "/join?s=x", "/chat/x"])
def test_every_answer_tells_browsers_what_a_page_may_do(web: Web, path: str) -> None:
    headers = web.as_("Maya").see(path).answer.headers
    assert {name: headers[name] for name in HEADERS} == HEADERS
    assert "default-src 'self'" in headers["content-security-policy"]
    assert "unsafe" not in headers["content-security-policy"]


def test_a_key_opens_the_sample_once_and_another_is_told(sample: Web) -> None:
    tab = sample.browser().see(f"/?key={sample.keys[0]}")
    assert "Talks with China" in tab.text
    assert len(sample.keys) == 2
    assert sample.browser().see(f"/?key={sample.keys[0]}").status == 401
    assert "Talks with China" in sample.browser().see(f"/?key={sample.keys[1]}").text


@pytest.mark.parametrize("key", ["", "x", "ü"])
def test_no_other_key_opens_it(sample: Web, key: str) -> None:
    assert sample.browser().see(f"/?key={key}").status == 401


def test_no_key_opens_a_delegation(web: Web) -> None:
    assert web.browser().see("/?key=").status == 401


def test_the_address_a_key_was_in_is_left_at_once(sample: Web) -> None:
    answer = sample.browser().client.get(f"/?key={sample.keys[0]}", follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")


def test_the_first_lead_comes_in_by_the_first_code(tmp_path: Path) -> None:
    with served(tmp_path, begun=False) as web:
        code = web.operator.first_code()
        tab = web.browser().see(f"/join?s={code}")
        assert tab.post("/join", {"s": code or "", "name": "Maya"}).status == 200
        assert "Open a negotiation" in tab.text
        assert web.operator.first_code() is None
        assert DOOR["void"] in web.browser().see(f"/join?s={code}").text


def invited(web: Web, label: str = "Invite a member") -> str:
    """The secret of a link that Maya makes."""
    shown = web.as_("Maya").write("/team").tap(label).live
    found = re.search(rf"{re.escape(web.url)}/join\?s=(\S+)", shown)
    assert found, shown
    return found[1]


def test_an_invitation_lets_one_person_in_and_a_preview_does_not_use_it_up(web: Web) -> None:
    secret = invited(web)
    for _ in range(3):
        web.browser().see(f"/join?s={secret}")
    nora = web.browser().see(f"/join?s={secret}").post("/join", {"s": secret, "name": "Nora"})
    assert "Talks with China" in nora.text
    assert "Nora, member" in web.as_("Maya").write("/team").live
    assert DOOR["void"] in web.browser().see(f"/join?s={secret}").text
    assert DOOR["void"] in web.browser().post("/join", {"s": secret, "name": "Vera"}).text
    assert "Vera" not in web.people


def test_who_gives_no_name_is_asked_and_the_link_still_works(web: Web) -> None:
    secret = invited(web)
    tab = web.browser().post("/join", {"s": secret, "name": "  "})
    assert (tab.status, DOOR["nameless"] in tab.text) == (422, True)
    assert "Talks with China" in tab.post("/join", {"s": secret, "name": "Nora"}).text


def test_who_is_signed_in_comes_into_more_talks_in_the_same_session(web: Web) -> None:
    """No second one is left behind, which signing out would not end."""
    web.operator.person("Vera", lead=True)
    vera, secret = web.as_("Vera"), invited(web)
    session = vera.client.cookies["readiness"]
    assert "Talks with China" in vera.post("/join", {"s": secret}).text
    assert vera.client.cookies["readiness"] == session
    vera.tap("Sign out")
    with web.store.reading() as tx:
        assert tx.session(hashed(session)) is None


def test_a_team_on_both_faces_gets_both_links(web: Web) -> None:
    web.has_a_bot("https://t.me/sample_bot?start=")
    live = web.as_("Maya").write("/team").tap("Invite a member").live
    assert "https://t.me/sample_bot?start=" in live
    assert f"{web.url}/join?s=" in live


# Sessions


def test_a_session_is_a_cookie_no_script_and_no_other_site_can_read(tmp_path: Path) -> None:
    with served(tmp_path, begun=False, url="https://talks.example") as web:
        ours = {"host": "talks.example", "origin": "https://talks.example"}
        data = {"s": web.operator.first_code() or "", "name": "Maya"}
        answer = web.browser().client.post("/join", data=data, headers=ours, follow_redirects=False)
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("__Host-readiness=")
    assert {"HttpOnly", "Secure", "SameSite=lax", "Path=/"} <= {one.strip() for one in cookie.split(";")}
    assert "strict-transport-security" in answer.headers
    token = re.match(r"__Host-readiness=([^;]+)", cookie)
    assert token
    assert len(token[1]) >= 43  # 256 bits
    assert all(token[1].encode() not in file.read_bytes() for file in tmp_path.iterdir())


def test_a_session_ends_after_twelve_hours_without_use(web: Web) -> None:
    tab = web.as_("Maya")
    web.clock.now += timedelta(hours=11)
    assert tab.see("/").status == 200
    web.clock.now += timedelta(hours=11)
    assert tab.see("/").status == 200
    web.clock.now += timedelta(hours=12, minutes=6)
    assert tab.see("/").status == 401


def test_a_page_that_is_left_open_ends_with_its_session(web: Web, faults: Hooks) -> None:
    """It looks on by itself, which nobody does who has left the context: twelve hours without use are twelve hours."""
    faults.pace(page_heartbeat=0.1)
    tab, omar = web.as_("Omar"), web.people["Omar"]
    with tab.client.stream("GET", f"/live?as={omar}") as stream:
        lines = stream.iter_lines()
        assert next(one for one in lines if one.startswith("data: "))
        web.clock.now += timedelta(hours=11)
        for _ in range(3):
            assert next(one for one in lines if one.startswith((":", "event: "))) == ": still here"
        web.clock.now += timedelta(hours=2)
        assert "event: ended" in islice(lines, 20)
    assert tab.see("/").status == 401


def test_a_session_ends_after_seven_days_however_much_it_is_used(web: Web) -> None:
    tab = web.as_("Maya")
    for _ in range(7 * 24 // 8):
        web.clock.now += timedelta(hours=8)
        assert tab.see("/").status == 200
    web.clock.now += timedelta(minutes=1)
    assert tab.see("/").status == 401


def test_signing_out_forgets_the_session_and_what_was_said_in_it(web: Web) -> None:
    tab = web.as_("Omar")
    token = tab.client.cookies["readiness"]
    tab.tap("Sections").write("/find budget")
    tab.tap("Sign out")
    tab.client.cookies.set("readiness", token)
    assert tab.see("/").status == 401
    assert not web.site.scrollback._logs  # noqa: SLF001 (that nothing is left cannot be seen)


def test_whoever_is_removed_is_signed_out(web: Web) -> None:
    omar, maya = web.as_("Omar"), web.as_("Maya")
    assert omar.see("/").status == 200
    maya.write("/team").tap("Omar…").tap("Remove…").tap("Remove")
    assert omar.see("/").status == 401


@pytest.mark.parametrize("token", ["", "x", "a" * 5000, "ü"])
def test_no_other_cookie_is_a_session(web: Web, token: str) -> None:
    tab = web.browser()
    answer = tab.client.get("/", headers={"cookie": f"readiness={token}".encode()})  # type: ignore[dict-item]
    assert answer.status_code == 401


def test_no_session_comes_from_the_database_alone(web: Web) -> None:
    """Neither one that was written there by hand, nor one's own that is given to somebody else."""
    omar, maya, made = web.as_("Omar"), web.people["Maya"], web.browser()
    now = web.site.browsing.now().isoformat()
    own = omar.client.cookies["readiness"]
    with web.store.transaction() as tx:
        for secret in ("written", f"{own.partition('.')[0]}.{'0' * 64}"):
            tx.add_session(SessionRow(hashed(secret), maya, now, now))
    made.client.cookies.set("readiness", "written")
    assert made.see("/").status == 401
    assert omar.see("/").status == 200
    with web.store.transaction() as tx:
        tx.end_session(hashed(own))
        tx.add_session(SessionRow(hashed(own), maya, now, now))
    assert omar.see("/").status == 401


def test_nobody_is_somebody_else(web: Web) -> None:
    omar, maya = web.as_("Omar"), web.people["Maya"]
    form, before = omar.form(omar.page.xpath("//textarea")[0]), web.recorded()
    assert omar.see(f"/chat/{maya}").status == 404
    assert omar.see(f"/live?as={maya}").status == 404
    assert omar.see(f"/chat/{maya}/file/x").status == 404
    assert omar.post(f"/chat/{maya}", {**form, "text": "/team"}).status == 404
    assert web.recorded() == before


def sign_in_link(web: Web, name: str) -> str:
    live = web.as_("Maya").write("/team").tap(f"{name}…").tap("Sign-in link for the browser").live
    return live.rpartition("?s=")[2]


def test_a_lead_brings_back_somebody_whose_session_ended(web: Web) -> None:
    """As the same person: what they answered is theirs, and everybody can read that a link was made."""
    answering(web).tap("No")
    secret = sign_in_link(web, "Omar")
    tab = web.browser().see(f"/join?s={secret}")
    assert DOOR["named"].format(name="Omar") in tab.text
    assert "Omar" in tab.post("/join", {"s": secret}).text
    assert tab.status == 200
    assert len(web.people) == 3
    assert DOOR["void"] in web.browser().post("/join", {"s": secret}).text
    assert "Maya made a sign-in link for Omar" in web.operator.taken(1, "markdown").decode()


def test_a_sign_in_link_ends_with_the_seat_and_takes_nobodys_telegram_over(web: Web) -> None:
    first, second = sign_in_link(web, "Omar"), sign_in_link(web, "Lina")
    web.as_("Maya").write("/team").tap("Omar…").tap("Remove…").tap("Remove")
    assert DOOR["void"] in web.browser().post("/join", {"s": first}).text
    web.link("Lina", 4711)
    assert not web.chat("Stranger").joins(second).known


def test_a_lead_s_link_opens_nothing_that_this_lead_does_not_lead(web: Web) -> None:
    """Nobody signs in as another lead, or as somebody who sits in other talks, by what a single lead can make."""
    secret = sign_in_link(web, "Omar")
    web.opens("bilateral", "Lina lead", "Omar member", uid="elsewhere", counterpart="Ruritania", subject="the bridge")
    assert DOOR["void"] in web.browser().post("/join", {"s": secret}).text
    web.as_("Maya").write("/team").tap("Lina…").tap("Make a lead")
    assert "Sign-in link for the browser" not in web.as_("Maya").write("/team").tap("Lina…").live


def test_who_signs_in_by_a_link_is_told_so_in_every_chat_of_theirs(web: Web) -> None:
    web.browser().post("/join", {"s": sign_in_link(web, "Omar")})
    assert "Somebody signed in as you" in web.as_("Omar").live


def test_who_is_no_lead_makes_no_sign_in_link(web: Web) -> None:
    tab, before = web.as_("Omar"), web.recorded()
    form = tab.form(tab.page.xpath("//textarea")[0])
    tab.post(f"/chat/{web.people['Omar']}", {**form, "tap": f"1!link:@P~{web.people['Lina']}"})
    assert web.recorded() == before
    assert tab.status == 403
    assert "/join?s=" not in tab.text


# What did not come from a page of ours


def answering(web: Web) -> Tab:
    """Omar, before a yes or no."""
    tab = web.as_("Omar").write("/sections")
    tab.tap(next(label for label in labels(tab) if label.startswith("Limit expectations")))
    return tab.tap("○ Crewed flight")


def labels(tab: Tab) -> list[str]:
    return [" ".join(one.text_content().split()) for one in tab.page.xpath("//form[@class='buttons']//button")]


def no(tab: Tab) -> tuple[str, dict[str, str]]:
    """The form that answers no."""
    button = next(one for one in tab.page.xpath("//button") if one.text_content() == "No")
    return button.xpath("ancestor::form")[0].get("action"), {**tab.form(button), "tap": button.get("value")}


def test_the_form_itself_is_heard(web: Web) -> None:
    tab, before = answering(web), web.recorded()
    to, form = no(tab)
    assert tab.post(to, form).status == 200
    assert web.recorded() == before + 1


@pytest.mark.parametrize("csrf", ["", "x", "0" * 64, "ü"])
def test_a_form_without_the_sessions_own_sign_is_refused(web: Web, csrf: str) -> None:
    tab, before = answering(web), web.recorded()
    to, form = no(tab)
    assert tab.post(to, {**form, "csrf": csrf}).status == 403
    assert tab.post("/out", {"csrf": csrf}).status == 403
    assert web.recorded() == before
    assert tab.see("/").status == 200


def test_the_sign_of_another_session_does_not_do(web: Web) -> None:
    tab, other, before = answering(web), answering(web), web.recorded()
    to, form = no(tab)
    assert other.post(to, form).status == 403
    assert web.recorded() == before


@pytest.mark.parametrize(
    "headers",
    [
        STRANGER,
        {"origin": "http://127.0.0.1:8081"},
        {"origin": "https://127.0.0.1:8080"},
        {"origin": "null"},
        {"origin": "null", "sec-fetch-site": "cross-site"},
        {"origin": "null", "sec-fetch-site": "same-site"},
    ],
)
def test_a_form_from_another_site_is_refused(web: Web, headers: dict[str, str]) -> None:
    tab, before = answering(web), web.recorded()
    to, form = no(tab)
    assert tab.client.post(to, data=form, headers=headers).status_code == 403
    assert tab.client.post("/join", data={"s": "x", "name": "x"}, headers=headers).status_code == 403
    assert web.recorded() == before


def test_a_browser_that_keeps_its_origin_to_itself_is_believed_that_it_is_ours(web: Web) -> None:
    to, form = no(tab := answering(web))
    ours = {"origin": "null", "sec-fetch-site": "same-origin"}
    assert tab.client.post(to, data=form, headers=ours).status_code == 200


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8080", "127.0.0.1", "127.0.0.1:8080.evil.example", ""])
def test_a_name_that_points_at_this_machine_is_not_answered(web: Web, host: str) -> None:
    tab = web.as_("Omar")
    answer = tab.client.get("/", headers={"host": host})
    assert answer.status_code == 421
    assert "China" not in answer.text


def test_an_address_that_does_not_fit_is_logged_once(web: Web, caplog: pytest.LogCaptureFixture) -> None:
    """Whoever set READINESS_URL, or a proxy's Host, wrong finds out why nobody gets in."""
    tab = web.as_("Omar")
    for host in ("talks.example", "talks.example", *(f"{n}.example" for n in range(50))):
        tab.client.get("/", headers={"host": host})
    told = [record.getMessage() for record in caplog.records if record.name == "bot.web.security"]
    assert told[0].startswith("Pages were asked for at 'talks.example', and are served at http")
    assert len(told) == 20
    assert sum("talks.example" in line for line in told) == 1


@pytest.mark.parametrize(
    "path", ["../chat.py", "..%2fchat.py", "%2e%2e/chat.py", "....//chat.py", "/etc/passwd", "%00"]
)
def test_no_file_but_those_meant_for_it_is_served(web: Web, path: str) -> None:
    answer = web.as_("Omar").client.get(f"/static/{path}")
    assert answer.status_code in {400, 404}
    assert "import" not in answer.text
    assert "root:" not in answer.text


def test_pages_ask_nobody_else_for_anything(web: Web) -> None:
    tab = web.as_("Maya")
    for one in tab.page.xpath("//@src | //link/@href | //@action"):
        assert re.match(r"/(?!/)", one)
    for file in pages_of_chat.STATIC.iterdir():
        named = re.findall(r"https?://[^\s\"')]+", file.read_text(encoding="utf-8"))
        # The second is whose frame a page may be in, and is told things; nothing is asked of it.
        assert set(named) <= {"http://www.w3.org/2000/svg", "https://web.telegram.org"}


def test_no_page_holds_a_script_or_a_style_of_its_own(web: Web) -> None:
    tab = web.as_("Maya")
    assert not tab.page.xpath("//script[not(@src)] | //style | //@style | //@*[starts-with(name(), 'on')]")


def test_who_asks_too_much_is_told_to_wait(web: Web) -> None:
    to, form = no(tab := answering(web))
    found = {tab.client.post(to, data={**form, "csrf": "x"}).status_code for _ in range(100)}
    assert found == {403, 429}
    lina = web.as_("Lina")
    assert {lina.write("/sections").status for _ in range(12)} == {200}


# Saying things


def test_what_was_answered_stays_above_without_any_script(web: Web) -> None:
    tab = answering(web).tap("No")
    assert tab.above == ["Bot: Limit expectations · 1 of 11: Crewed flight Recorded: No", "You: No"]
    assert tab.live.startswith("Bot: ")
    tab.see("/")
    assert tab.above == ["Bot: Limit expectations · 1 of 11: Crewed flight Recorded: No", "You: No"]


def test_looking_around_leaves_nothing_above(web: Web) -> None:
    assert web.as_("Omar").tap("Sections").tap("Home").above == []


def test_what_is_typed_and_not_understood_stays_above(web: Web) -> None:
    assert answering(web).write("perhaps").above == ["You: perhaps"]


def test_a_form_that_is_sent_twice_counts_once(web: Web) -> None:
    tab, before = answering(web), web.recorded()
    to, form = no(tab)
    tab.post(to, form)
    again = tab.post(to, form)
    assert web.recorded() == before + 1
    assert again.above == ["Bot: Limit expectations · 1 of 11: Crewed flight Recorded: No", "You: No"]


def test_what_is_typed_on_a_page_left_open_is_not_taken_for_another_question(web: Web) -> None:
    """It stays above, to be copied; a notice that came meanwhile changes nothing."""
    left, tab = answering(web), web.as_("Omar")
    tell(web, "Omar")
    assert "Recorded" in left.write("no").live
    left.see("/").write("/find goals").tap("1").tap("Add a row")
    tab.see("/").tap("Back")
    before = web.recorded()
    left.write("A goal of ours")
    assert web.recorded() == before
    assert ASTRAY in left.live
    assert left.above[-1] == "You: A goal of ours"


def tell(web: Web, name: str) -> None:
    with web.store.transaction() as tx:
        assert announcements.notify(tx, web.people[name], 1, "Something to know.", "")


def test_another_button_of_the_same_page_is_another_answer(web: Web) -> None:
    tab, before = answering(web), web.recorded()
    to, form = no(tab)
    tab.post(to, form)
    yes = {**form, "tap": form["tap"].replace(":no@", ":yes@")}
    assert yes != form
    assert "Crewed flight" in tab.post(to, yes).live
    assert web.recorded() >= before + 1


def test_an_old_draft_is_answered_kindly_and_nothing_is_recorded(web: Web) -> None:
    tab, before = web.as_("Omar"), web.recorded()
    form = {**tab.form(tab.page.xpath("//textarea")[0]), "tap": "1*0!record:"}
    assert "belongs to an older message" in tab.post(f"/chat/{web.people['Omar']}", form).live
    assert web.recorded() == before


def test_a_button_that_no_page_can_have_held_is_refused(web: Web) -> None:
    tab, before = web.as_("Omar"), web.recorded()
    form = {**tab.form(tab.page.xpath("//textarea")[0]), "tap": "1*zz!record:"}
    assert tab.post(f"/chat/{web.people['Omar']}", form).status == 403
    assert web.recorded() == before


def test_what_people_write_is_text_wherever_it_is_shown(web: Web) -> None:
    evil = '<img src=x onerror="alert(1)"></textarea><script>alert(2)</script>'
    tab = web.as_("Omar").tap("Continue").tap("Add a row").write(evil)
    assert evil in tab.text
    assert not tab.page.xpath("//article//img | //script[not(@src)]")


@pytest.mark.parametrize(
    "text", ["\0", "a\0b", "\ud800".encode("utf-8", "surrogatepass").decode("latin-1"), "x" * 30_000]
)
def test_nothing_that_can_be_typed_ends_in_a_fault(web: Web, text: str) -> None:
    assert answering(web).write(text).status == 200


def test_what_omar_answers_is_on_linas_page(web: Web) -> None:
    answering(web).tap("No")
    lina = web.as_("Lina").write("/sections")
    assert any("Limit expectations · 1 of" in one for one in labels(lina))


def test_who_is_told_something_hears_it_once(web: Web) -> None:
    """A notice stays until the next reply to the page that showed it, and not longer."""
    maya, omar = web.as_("Maya"), web.as_("Omar")
    maya.write("/team").tap("Omar…").tap("Make an observer")
    omar.see("/")
    assert "observer" in omar.live
    assert "made Omar" not in omar.tap("Sections").live


def on_both_faces(web: Web) -> None:
    """Vera, who has Telegram and a browser, is a member."""
    web.operator.seat(web.meets("Vera"), 1, Role.MEMBER)
    web.link("Vera", 4711)


def test_what_the_page_showed_is_left_to_telegram_where_somebody_has_both(web: Web) -> None:
    on_both_faces(web)
    told: list[str] = []
    web.site.on_wakes = told.extend
    web.as_("Vera").tap("Sections")
    assert told == [web.people["Vera"]]
    assert web.chat("Vera").owed is not None


def test_what_is_asked_for_in_the_browser_comes_there_and_never_into_telegram(web: Web) -> None:
    """Neither a document nor the summary's card; what was asked for in Telegram still comes there, and only there."""
    on_both_faces(web)

    def in_telegram() -> list[str]:
        showing = web.chat("Vera").owed
        assert showing is not None
        return [one.called for one in showing.papers]

    tab = web.as_("Vera")
    assert taken(tab, "Markdown").startswith(b"# Readiness")
    assert tab.write("/summary").page.xpath("//article//img")
    assert in_telegram() == []
    web.chat("Vera").types("/summary", shown=False)
    assert in_telegram() == ["a picture"]
    assert not web.as_("Vera").tap("Home").page.xpath("//article//img")
    assert in_telegram() == ["a picture"]


# Pictures and files


def test_the_summary_brings_its_card_as_a_picture_that_is_told_in_words(web: Web) -> None:
    tab = web.as_("Maya").tap("Summary")
    picture = tab.page.xpath("//article//img")[0]
    assert "Not ready" in picture.get("alt")
    answer = tab.client.get(picture.get("src"))
    assert (answer.headers["content-type"], answer.content[:4]) == ("image/png", b"\x89PNG")


def papers(tab: Tab) -> list[str]:
    return list(tab.page.xpath("//a[@class='paper']/@href"))


def taken(tab: Tab, label: str) -> bytes:
    tab.write("/take")
    tab.tap(next(one for one in labels(tab) if label in one))
    answer = tab.client.get(papers(tab)[-1])
    assert answer.headers["content-disposition"].startswith("attachment; filename=")
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["x-content-type-options"] == "nosniff"
    return answer.content


def test_a_document_goes_out_as_a_download(web: Web) -> None:
    assert taken(web.as_("Maya"), "PDF").startswith(b"%PDF")


def test_taking_away_in_the_browser_says_nothing_of_a_copy_with_telegram(web: Web) -> None:
    """The file does not pass through it."""
    assert "Telegram" not in web.as_("Maya").write("/take").live


def test_a_document_is_for_the_session_that_asked_for_it(web: Web) -> None:
    tab = web.as_("Maya")
    taken(tab, "PDF")
    assert web.as_("Maya").see(papers(tab)[-1]).status == 410
    theirs = papers(tab)[-1].replace(web.people["Maya"], web.people["Omar"])
    assert web.as_("Omar").see(theirs).status == 410


def test_every_command_is_answered_to_who_belongs_to_several_talks(web: Web) -> None:
    """Also those that tell of the others, of reminders and of groups, which are looked up when they are shown."""
    for subject in ("a second subject", "a third"):
        web.opens("bilateral", "Maya lead", uid=subject, counterpart="Ruritania", subject=subject)
    tab = web.as_("Maya")
    told = {name: tab.write(f"/{name}").status for name in web.commands}
    assert told == dict.fromkeys(told, 200)
    live = tab.write("/talks").live
    assert all(subject in live for subject in ("civil space", "a second subject", "a third"))


def test_an_edited_file_comes_back_as_proposed_changes(web: Web) -> None:
    tab = web.as_("Maya")
    body = edited_csv(taken(tab, "CSV"), {("items", "crewed", "answer"): "No"})
    assert "Crewed flight" in tab.send("answers.zip", body).live


def test_evidence_goes_up_and_comes_down_as_it_was(web: Web) -> None:
    tab = answering(web).send('../a "let\nter".pdf', b"%PDF sample", "signed")
    assert "Added as evidence" in tab.live
    tab.tap(next(one for one in labels(tab) if one.startswith("Evidence")))
    tab.tap(next(one for one in labels(tab) if one.startswith("1. ")))
    tab.tap("Send me the file")
    answer = tab.client.get(papers(tab)[-1])
    assert answer.content == b"%PDF sample"
    assert "/" not in answer.headers["content-disposition"]
    assert "\n" not in answer.headers["content-disposition"]


def test_a_file_that_is_too_large_is_refused_before_it_is_read(web: Web) -> None:
    tab, before = answering(web), web.recorded()
    assert tab.send("big.bin", b"x" * (FILE_BYTES + 1)).status == 413
    assert "10 MB" in tab.text

    sent = 0

    def endless() -> Iterator[bytes]:
        nonlocal sent
        while True:
            sent += 65_536
            yield b"x" * 65_536

    head = {"content-type": "multipart/form-data; boundary=b"}
    answer = web.as_("Omar").client.post(
        f"/chat/{web.people['Omar']}", content=_some(endless(), 2 * FILE_BYTES), headers=head
    )
    assert answer.status_code in {400, 413}
    assert web.recorded() == before


def _some(parts: Iterator[bytes], most: int) -> Iterator[bytes]:
    for part in parts:
        most -= len(part)
        yield part
        if most < 0:
            return


def test_two_files_at_once_are_refused(web: Web) -> None:
    tab, before = answering(web), web.recorded()
    form = tab.form(tab.page.xpath("//textarea")[0])
    files = [("file", ("a", b"a")), ("file", ("b", b"b"))]
    answer = tab.client.post(f"/chat/{web.people['Omar']}", data=form, files=files)
    assert (answer.status_code, web.recorded()) == (400, before)


def test_who_is_not_signed_in_uploads_nothing(web: Web) -> None:
    sent: list[int] = []

    def body() -> Iterator[bytes]:
        sent.append(1)
        yield b"x"

    answer = web.browser().client.post(f"/chat/{web.people['Omar']}", content=body())
    assert answer.status_code == 401


# Serving


def test_the_sample_is_not_opened_among_a_real_delegation(tmp_path: Path) -> None:
    with Delegation(tmp_path) as real:
        real.meets("Vera", lead=True)
        with pytest.raises(NotFound, match="real delegation"):
            real.sample()
        assert real.operator.negotiations() == []


def test_the_next_free_port_is_taken_for_the_sample(tmp_path: Path, faults: Hooks) -> None:
    from bot.runtime import browser as running
    from bot.runtime.listening import Sockets, had, socket_on

    faults.on("process_is_not_ended")

    async def two() -> list[str]:
        said, told = [], asyncio.Event()

        def tell(words: str) -> None:
            said.append(words)
            told.set()

        with served(tmp_path, begun=False) as web, Delegation(tmp_path) as other, ThreadPoolExecutor(1) as executor:
            listen = web.url.removeprefix("http://")
            with socket_on("READINESS_LISTEN", listen, running.PORTS) as pages:
                reached = running.Reached(had(listen, pages), None)
                where = Sockets(pages, None)
                task = asyncio.create_task(running.run(other.desk, executor, where, reached, tell, ("nobody",)))
                await asyncio.wait_for(told.wait(), 20)
                os.kill(os.getpid(), signal.SIGTERM)
                await task
        return [said[0].partition("/?key=")[0], web.url]

    told, taken_by_another = asyncio.run(two())
    assert re.match(r"http://127\.0\.0\.1:\d+$", told)
    assert told != taken_by_another


@pytest.mark.parametrize(
    ("listen", "url", "found"),
    [
        ("127.0.0.1:8080", None, {"http://127.0.0.1:8080", "http://localhost:8080", "http://[::1]:8080"}),
        ("0.0.0.0:80", "https://talks.example", {"https://talks.example"}),
    ],
)
def test_only_its_own_address_is_answered(listen: str, url: str | None, found: set[str]) -> None:
    assert origins(listen, url).origins == found


def test_a_server_for_others_must_know_its_address(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("READINESS_DATA", str(tmp_path))
    monkeypatch.setenv("READINESS_LISTEN", "0.0.0.0:8080")
    monkeypatch.delenv("TELEGRAM_BOT_TOKEN", raising=False)
    result = CliRunner().invoke(main, ["serve"])
    assert (result.exit_code, "READINESS_URL" in result.output) == (78, True)
