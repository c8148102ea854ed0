"""The lead's desk and the pages inside Telegram over HTTP: what they show to whom, what they do, what they refuse."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import secrets
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from bot.application.turns import ASTRAY
from bot.domain.events import Exported, Role, Shielded, Waived
from bot.web.security import HEADERS, IN_TELEGRAM
from bot.web.telegram_init_data import InitData
from bot.web.texts_dashboard import APP, BOARD
from tests.api import CHECKLISTS, of_process
from tests.browsers import Tab, Web, served
from tests.e2e import SOON, environment, serving, types
from tests.e2e import TOKEN as BOT
from tests.telegram_double import TelegramDouble
from tests.test_initdata import SERVERS, THIEF, TOKEN, fields, opening

pytestmark = pytest.mark.slow

MAYA, OMAR, STRANGER = 7001, 7002, 7999
SECURE = "https://talks.example"
OURS = {"host": "talks.example", "origin": SECURE}


@pytest.fixture
def web(tmp_path: Path) -> Iterator[Web]:
    with served(tmp_path) as made:
        yield made


@contextmanager
def in_telegram(folder: Path, url: str = "") -> Iterator[Web]:
    """The same delegation, reached from Telegram: Maya and Omar have accounts there, Lina has none."""
    telegram = InitData(TOKEN, SERVERS.public_key().public_bytes_raw())
    with served(folder, url=url, telegram=telegram) as web:
        web.link("Maya", MAYA)
        web.link("Omar", OMAR)
        yield web


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Web]:
    with in_telegram(tmp_path) as made:
        yield made


def init(web: Web, telegram_id: int = OMAR, **more: object) -> str:
    """What Telegram hands to a page that somebody opens now."""
    said = fields(web.clock.now, {"id": telegram_id}, query_id=secrets.token_hex(8))
    return opening(said, **more)  # type: ignore[arg-type]


def signs_in(web: Web, given: str, path: str = "", tab: Tab | None = None, **headers: str) -> Tab:
    return (tab or web.browser()).post("/app/sign-in", {"init": given, "path": path}, **headers)


def inside(web: Web, telegram_id: int = OMAR, path: str = "") -> Tab:
    """Somebody's page in Telegram, where its button leads."""
    tab = signs_in(web, init(web, telegram_id), path)
    assert tab.status == 200, tab.text
    return tab.see(json.loads(tab.answer.text)["to"])


def gaps(tab: Tab) -> list[str]:
    """The gaps that are shown, by their headings."""
    return [" ".join(one.text_content().split()) for one in tab.page.xpath("//ol[@class='gaps']//h3")]


def at_gap(tab: Tab, item: str, label: str) -> Tab:
    """Press a button of a gap."""
    button = tab.page.xpath(f"//li[h3[contains(., '{item}')]]//button[contains(., '{label}')]")[0]
    form = {**tab.form(button), "tap": button.get("value")}
    return tab.post(button.xpath("ancestor::form")[0].get("action"), form)


# What the desk shows


def test_the_desk_shows_what_the_chat_shows(web: Web) -> None:
    """Readiness, gaps, changes, people and forms, in the chat's own words."""
    desk = web.as_("Maya").see("/desk")
    shown = " ".join(desk.text.split())
    for command in ("summary", "team", "take", "changed"):
        said = web.terminal("Maya").types(f"/{command}")
        for line in [said.title, *said.text.split("\n")]:
            assert " ".join(line.split()) in shown, line
    assert len(gaps(desk)) == 43
    for item in CHECKLISTS["us-china-space"].item.values():
        assert item.label in shown or item.show_if is not None
    assert "Sample goal: exchange of orbit data" in shown


def test_the_trend_is_a_picture_with_the_same_in_words(web: Web) -> None:
    tab = web.as_("Maya").see("/desk")
    assert "Open gaps in the talks with China, day by day." in tab.text
    answer = tab.see(tab.page.xpath("//section[@id='trend']//img/@src")[0]).answer
    assert answer.headers["content-type"] == "image/png"
    assert answer.content.startswith(b"\x89PNG")


@pytest.mark.parametrize("severity", ["blocker", "major", "minor"])
def test_gaps_are_filtered_by_severity(web: Web, severity: str) -> None:
    tab = web.as_("Maya").see("/desk")
    every = gaps(tab)
    found = gaps(tab.see(f"/desk?severity={severity}"))
    assert found == [one for one in every if severity.capitalize() in one]
    assert BOARD["shown"].format(shown=len(found), all=len(every)) in tab.text


def test_gaps_are_filtered_by_owner_and_section_together(web: Web) -> None:
    tab = at_gap(web.as_("Maya").see("/desk"), "Crewed flight", "Owner").tap("Omar").see("/desk?owner=Omar")
    assert gaps(tab) == ["⛔ Blocker: Crewed flight"]
    assert gaps(tab.see("/desk?owner=Omar&section=allies")) == []
    assert BOARD["none"] in tab.text
    assert len(gaps(tab.see("/desk?owner=-"))) == 42
    sections = [gaps(tab.see(f"/desk?section={one.id}")) for one in CHECKLISTS["us-china-space"].sections]
    assert all(sections)
    assert sum(map(len, sections)) == 43


def test_gaps_are_sorted_by_day_and_by_owner(web: Web) -> None:
    tab = at_gap(web.as_("Maya").see("/desk"), "Precedents", "Owner").tap("Omar")
    assert "Precedents" in gaps(tab.see("/desk?sort=owner"))[0]
    tab.see("/desk?sort=due")
    found = re.findall(r"Due\s*(\d+ \w+ \d{4})", gap_text(tab))
    days = [datetime.strptime(one, "%d %B %Y").replace(tzinfo=UTC) for one in found]
    assert days == sorted(days)
    assert len(days) > 20


def gap_text(tab: Tab) -> str:
    return str(tab.page.xpath("//ol[@class='gaps']")[0].text_content())


@pytest.mark.parametrize(
    "asked", ["sort=x", "severity=x", "severity=blocker&severity=x", "talks=x", "talks=99999999999999"]
)
def test_what_is_no_choice_in_the_address_is_left_out(web: Web, asked: str) -> None:
    assert len(gaps(web.as_("Maya").see(f"/desk?{asked}"))) == 43


def test_an_address_says_nothing_back_that_it_was_given(web: Web) -> None:
    tab = web.as_("Maya").see("/desk?owner=%3Cscript%3Ealert(1)%3C/script%3E&section=%22onload=x")
    assert "alert(1)" not in tab.answer.text
    assert "onload" not in tab.answer.text


# What it does


def test_a_gap_is_waived_and_given_from_the_desk_as_in_the_chat(web: Web) -> None:
    tab = web.as_("Maya").see("/desk")
    at_gap(tab, "Precedents", "Waive…")
    assert "Why may we go in without it?" in tab.text
    tab.write("The letter is signed and arrives on Monday.").tap("Until the talks")
    assert [one.reason for one in web.events() if isinstance(one, Waived)] == [
        "The letter is signed and arrives on Monday."
    ]
    tab.see("/desk")
    assert "Waived by Maya until 6 January 2027: The letter is signed and arrives on Monday." in tab.text


def test_a_member_is_refused_on_the_desk_as_in_the_chat(web: Web) -> None:
    tab = web.as_("Omar").see("/desk")
    at_gap(tab, "Precedents", "Waive…")
    assert "Only Maya, the lead, can waive this." in tab.text
    assert not [one for one in web.events() if isinstance(one, Waived)]


def test_a_form_is_taken_from_the_desk_and_that_is_recorded(web: Web) -> None:
    tab = web.as_("Maya").see("/desk").tap("Excel, to work on")
    assert [(one.form, one.variant) for one in web.events() if isinstance(one, Exported)] == [("excel", "full")]
    body = tab.see(tab.page.xpath("//a[@class='paper']/@href")[0]).answer
    assert body.content.startswith(b"PK")
    assert body.headers["content-disposition"].startswith("attachment;")
    other = web.as_("Omar")
    assert other.see(body.request.url.path).status == 410


def test_an_item_is_answered_from_the_desk(web: Web) -> None:
    tab = web.as_("Omar").see("/desk").tap("Crewed flight")
    assert "Does the agenda contain" in tab.text
    tab.tap("No")
    assert "This closes a blocker" in tab.text
    assert "⛔ Blocker: Crewed flight" not in gaps(tab.see("/desk"))


def test_the_same_form_sent_twice_counts_once(web: Web) -> None:
    tab = web.as_("Omar").see("/desk").tap("Crewed flight")
    button = tab.page.xpath("//button[text()='No']")[0]
    form, before = {**tab.form(button), "tap": button.get("value")}, web.recorded()
    for _ in range(3):
        tab.post("/desk/here", form)
    assert web.recorded() == before + 1


def test_a_reason_is_not_taken_for_another_gap_than_the_page_shows(web: Web) -> None:
    """Two windows of one lead, each before a reason: only the one that shows where she is is heard."""
    first, second = (at_gap(web.as_("Maya").see("/desk"), item, "Waive") for item in ("Their aims", "Crewed flight"))
    first.write("Their paper comes on Monday.")
    assert (first.status, ASTRAY in first.text) == (409, True)
    assert first.page.xpath("//textarea[@readonly]")[0].text_content() == "Their paper comes on Monday."
    second.write("Nobody flies this year.")
    assert second.status == 200
    assert "Their paper" not in second.text


def test_a_button_works_again_when_one_comes_back_to_it(web: Web) -> None:
    """Each page is another, though nothing was recorded in between: only the same page sent twice is a repeat."""
    tab = web.as_("Omar")
    for label in ("Our goals", "Their aims", "Our goals", "Their aims"):
        tab.see("/desk").tap(label)
        assert tab.page.get_element_by_id("now").text_content().endswith(f": {label}")


# Who may see what


def test_a_member_sees_no_more_on_the_desk_than_in_the_chat(web: Web) -> None:
    """A section kept for the leads is nowhere on a member's desk: not in gaps, counts, answers or filters."""
    maya = web.as_("Maya")
    maya.write("/sections").tap("Demand transparency · 1 of 10").tap("Who sees this section").tap(
        "Keep it for the leads"
    )
    tab = web.as_("Omar").see("/desk")
    assert tab.status == 200
    assert "Limit expectations" in tab.text
    for word in ("Demand transparency", "Our goals", "Sample goal", "goals"):
        assert word not in tab.answer.text
        assert word in maya.see("/desk").answer.text
    assert len(gaps(tab)) < len(gaps(maya))
    assert gaps(tab.see("/desk?section=transparency")) == []
    web.terminal("Omar").types("/take")
    assert "JSON, complete" not in tab.see("/desk").text
    picture = tab.see("/desk/trend.png").answer.content
    assert picture != maya.see("/desk/trend.png").answer.content


def test_talks_of_others_are_not_there(web: Web) -> None:
    assert web.as_("Omar").see("/desk?talks=2").status == 404
    assert web.as_("Omar").see("/desk/trend.png?talks=2").status == 404


def test_who_sits_nowhere_is_told_so(web: Web) -> None:
    web.operator.person("Nora")
    tab = web.browser()
    tab.client.cookies.set("readiness", web.signs_in("Nora"))
    assert BOARD["nothing"] in tab.see("/desk").text
    assert "China" not in tab.answer.text
    assert tab.see("/desk/trend.png").status == 404


def test_an_observers_desk_offers_nothing_that_records(web: Web) -> None:
    web.operator.person("Nora")
    web.operator.seat(web.people["Nora"], 1, Role.OBSERVER)
    tab = web.as_("Nora").see("/desk")
    assert len(gaps(tab)) == 43
    labels = {one.text_content() for one in tab.page.xpath("//button")}
    assert not {one for one in labels if one.startswith(("Waive", "Invite"))}


@pytest.mark.parametrize("path", ["/desk", "/desk/here", "/desk/trend.png", "/desk/file/x"])
def test_the_desk_is_shut_to_who_is_not_signed_in(web: Web, path: str) -> None:
    tab = web.browser().see(path)
    assert tab.status == 401
    assert "China" not in tab.answer.text


def test_a_form_of_another_page_does_nothing(web: Web) -> None:
    tab = web.as_("Omar").see("/desk").tap("Crewed flight")
    button = tab.page.xpath("//button[text()='No']")[0]
    form, before = {**tab.form(button), "tap": button.get("value")}, web.recorded()
    assert tab.post("/desk/here", {**form, "csrf": "0" * 64}).status == 403
    assert tab.post("/desk/here", {**form, "csrf": ""}).status == 403
    assert tab.post("/desk/here", form, origin="https://evil.example").status == 403
    assert tab.post("/desk/here", form, origin="https://web.telegram.org").status == 403
    assert web.recorded() == before


# Inside Telegram: the way in


def test_a_page_opened_in_telegram_knows_nobody_and_shows_nothing(app: Web) -> None:
    for path in ("/app", "/app/1/item/crewed", "/app/1/desk", "/app/zzzz"):
        tab = app.browser().see(path)
        assert tab.status == 200
        assert APP["opening"] in tab.text
        assert "China" not in tab.answer.text
        assert not tab.answer.headers.get("set-cookie")


def test_whom_telegram_names_is_at_the_item_of_the_button(app: Web) -> None:
    tab = inside(app, OMAR, "1/item/crewed")
    assert "Does the agenda contain" in tab.text
    before = app.recorded()
    tab.tap("No")
    assert "Recorded: No" in tab.text
    assert app.recorded() == before + 1
    assert app.line()[-1].by == app.people["Omar"]


def test_the_desk_opens_inside_telegram(app: Web) -> None:
    tab = inside(app, MAYA, "1/desk")
    assert len(gaps(tab)) == 43
    assert all(one.startswith("/app/desk") for one in tab.page.xpath("//form/@action"))
    at_gap(tab, "Crewed flight", "Go to the item")
    assert "Does the agenda contain" in tab.text


def test_a_button_of_the_tenth_talks_leads_to_them(app: Web) -> None:
    """The number in it is written as people count."""
    for number in range(2, 12):
        there = app.opens(
            "bilateral", "Maya lead", uid=f"u{number}", counterpart=f"Ruritania {number}", subject="a sample"
        )
    assert there == 11
    assert "Ruritania 11" in inside(app, MAYA, "11/desk").text


@pytest.mark.parametrize(
    "path", ["", "1", "1/", "1/item/nothing", "2/item/crewed", "x y/item/crewed", "\0", "1/desk/x", "²/desk"]
)
def test_a_path_that_is_no_page_leads_to_where_the_chat_is(app: Web, path: str) -> None:
    assert "Talks with China" in inside(app, OMAR, path).text


def test_all_others_get_one_and_the_same_refusal(app: Web) -> None:
    """Strangers, old, early, altered, forged, another bot's, replayed: nobody learns which it was."""
    used = init(app)
    assert signs_in(app, used).status == 200
    late, early = app.clock.now - timedelta(minutes=11), app.clock.now + timedelta(minutes=2)
    good = init(app, MAYA)
    refused = {
        "replayed": used,
        "stranger": init(app, STRANGER),
        "old": opening(fields(late, {"id": OMAR})),
        "early": opening(fields(early, {"id": OMAR})),
        "altered": good.replace(str(MAYA), str(OMAR)),
        "forged": init(app, servers=THIEF),
        "another bot's": init(app, bot="4243"),
        "twice": f"{good}&hash=x",
        "nothing": "",
    }
    answers = {name: signs_in(app, given) for name, given in refused.items()}
    assert {name: tab.status for name, tab in answers.items()} == dict.fromkeys(refused, 403)
    assert len({tab.answer.text for tab in answers.values()}) == 1
    assert not [name for name, tab in answers.items() if "set-cookie" in tab.answer.headers]
    assert signs_in(app, good).status == 200, "the unaltered one must open, or this shows nothing"


def test_a_used_opening_stays_used_in_another_process(app: Web, tmp_path: Path) -> None:
    used = init(app)
    assert signs_in(app, used).status == 200
    with in_telegram_again(tmp_path) as other:
        assert signs_in(other, used).status == 403
        assert signs_in(other, init(other, MAYA)).status == 200


@contextmanager
def in_telegram_again(folder: Path) -> Iterator[Web]:
    telegram = InitData(TOKEN, SERVERS.public_key().public_bytes_raw())
    with served(folder, begun=False, telegram=telegram) as web:
        yield web


def test_a_used_opening_stays_used_in_another_order(app: Web) -> None:
    used = init(app)
    assert signs_in(app, used).status == 200
    assert signs_in(app, "&".join(reversed(used.split("&")))).status == 403


def test_another_account_on_the_same_phone_is_not_taken_for_the_first(app: Web) -> None:
    """The cookie of one account is there when the other opens a page; what Telegram says now counts."""
    tab = inside(app, MAYA, "1/desk")
    signs_in(app, init(app, OMAR), "1/item/crewed", tab)
    tab.see("/app/desk/here").tap("No")
    assert app.line()[-1].by == app.people["Omar"]


def test_whoever_is_removed_is_shut_out_inside_telegram_too(app: Web) -> None:
    omar, maya = inside(app, OMAR), inside(app, MAYA, "1/desk")
    maya.tap("Omar…").tap("Remove…").tap("Remove")
    assert omar.see("/app/desk").status == 401
    assert APP["refused"] in omar.text
    assert "China" not in omar.answer.text


def test_a_session_inside_telegram_opens_nothing_elsewhere(app: Web) -> None:
    """Its cookie comes along from a frame of another site; the browser's own pages do not take it."""
    tab = inside(app, OMAR)
    assert tab.see("/desk").status == 401
    assert tab.see("/").status == 401


def test_without_a_bot_there_is_no_way_in_by_telegram(web: Web) -> None:
    assert web.browser().see("/app").status == 404
    assert web.browser().post("/app/sign-in", {"init": "x", "path": ""}).status == 404


def test_the_cookie_inside_telegram_is_kept_for_its_frame_alone(tmp_path: Path) -> None:
    with in_telegram(tmp_path, SECURE) as app:
        cookie = signs_in(app, init(app), **OURS).answer.headers["set-cookie"]
    parts = {one.strip() for one in cookie.split(";")}
    assert cookie.startswith("__Host-readiness-app=")
    assert {"HttpOnly", "Secure", "SameSite=None", "Partitioned", "Path=/"} <= parts


def test_what_goes_wrong_inside_telegram_leads_back_to_its_own_pages(app: Web) -> None:
    """The browser's own have no session there."""
    tab = inside(app, OMAR).see("/app/desk/file/x")
    assert tab.status == 410
    assert tab.see(tab.page.xpath("//a[@class='button']/@href")[0]).status == 200


def test_only_telegram_may_frame_only_the_pages_inside_it(app: Web) -> None:
    tab = app.browser()
    for path in ("/app", "/app/1/item/crewed", "/app/desk", "/app/desk/here"):
        headers = tab.see(path).answer.headers
        assert {name: headers[name] for name in IN_TELEGRAM} == IN_TELEGRAM
        assert "frame-ancestors https://web.telegram.org" in headers["content-security-policy"]
        assert "x-frame-options" not in headers
    for path in ("/", "/desk", "/application", "/static/face.css"):
        headers = tab.see(path).answer.headers
        assert {name: headers[name] for name in HEADERS} == HEADERS


# What is sealed


def test_what_is_sealed_is_answered_on_our_page_and_is_nowhere_in_the_chat(app: Web) -> None:
    canary = "Canary-4711"
    seal(app, "precedents")
    tab = inside(app, OMAR, "1/item/precedents")
    assert APP["sealed"] in tab.text
    tab.tap("Add a row").write(f"{canary}\nNot returned\nFix the day first")
    assert canary in tab.text
    assert canary not in in_chat(app, "Omar"), "what is not yet recorded is in the chat"
    tab.tap(tab.page.xpath("//button[@name='tap']")[0].text_content())
    assert "This closes a minor gap" in tab.text
    assert canary not in in_chat(app, "Omar"), "what was recorded is in the chat"
    assert canary in tab.see("/app/desk").text
    for name in ("Maya", "Omar"):
        for said in ("summary", "changed", "mine", "gaps", "find Canary"):
            app.terminal(name).types(f"/{said}")
            assert canary not in in_chat(app, name)


def goes_in_chat(app: Web, words: str) -> None:
    """Omar finds an item in Telegram and taps it."""
    omar = app.chat("Omar")
    omar.types(f"/find {words}", shown=False)
    omar.taps_old(omar.screen.button(next(label for label in omar.screen.labels if label[:1] == "1")))


def test_what_was_written_below_a_sealed_question_is_not_heard_below_another(app: Web) -> None:
    """The page is open, Omar taps on in the chat, and comes back to what he was typing: it is handed back to him."""
    canary = "Canary-4711"
    seal(app, "precedents")
    tab = inside(app, OMAR, "1/item/precedents").tap("Add a row")
    goes_in_chat(app, "mandate")
    before = app.recorded()
    tab.write(canary)
    assert (tab.status, app.recorded()) == (409, before)
    assert ASTRAY in tab.text
    assert [one.text_content() for one in tab.page.xpath("//textarea")] == [canary, ""], "to be copied, not to be sent"
    assert canary not in in_chat(app, "Omar")
    assert canary not in app.operator.taken(1, "markdown").decode()


def test_who_stands_before_a_sealed_item_in_the_chat_is_at_the_item_in_the_browser(app: Web) -> None:
    seal(app, "precedents")
    goes_in_chat(app, "precedents")
    assert "not asked in this chat" in in_chat(app, "Omar")
    for path in ("/", "/desk/here"):
        tab = app.as_("Omar").see(path)
        assert "not asked in this chat" not in tab.text
        assert "Add a row" in [one.text_content().strip() for one in tab.page.xpath("//button")]
    assert "Recorded 1 row" in tab.write("Visit of 2006\nNot returned\nFix the day first").tap("Record 1 row").text
    seal(app, "crewed")
    goes_in_chat(app, "crewed")
    assert "Recorded: No" in tab.see("/desk/here").tap("No").text


def test_what_is_not_sealed_is_in_the_chat(app: Web) -> None:
    """The control for the test above: the same words do come into the chat when nothing keeps them out."""
    inside(app, OMAR, "1/item/precedents").tap("Add a row").write("Canary-4711\nNot returned\nFix the day first")
    assert "Canary-4711" in in_chat(app, "Omar")


def test_what_is_taken_away_on_our_page_does_not_go_to_telegram_as_well(app: Web) -> None:
    tab = inside(app, MAYA, "1/desk").tap("PDF, to carry")
    assert tab.see(tab.page.xpath("//a[@class='paper']/@href")[0]).answer.content.startswith(b"%PDF")
    shown = app.chat("Maya").owed
    assert shown is not None
    assert shown.papers == ()


def in_chat(web: Web, name: str) -> str:
    """All that would go to Telegram now."""
    shown = web.chat(name).owed
    assert shown is not None
    return repr(shown)


def seal(web: Web, item: str) -> None:
    """Maya keeps an item out of the chat."""
    web.terminal("Maya").forges(f"1!how:sealed@ki~{item}")
    assert [one for one in web.events() if isinstance(one, Shielded)]


# In the bot's own process


async def test_the_bot_serves_the_pages_and_telegram_shows_what_came_of_them(tmp_path: Path) -> None:
    """With an address set, one process has both; a tap on a page moves the chat in Telegram."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    async with TelegramDouble(token=BOT) as double:
        more = {"READINESS_LISTEN": f"127.0.0.1:{port}", "READINESS_URL": SECURE}
        env = environment(double, tmp_path, **more)
        maya = double.person(MAYA, "Maya")
        async with serving(env, tmp_path) as bot:
            code = re.search(r"/start (\S+) to @", await bot.says("Nobody leads yet"))
            assert code
            await types(maya, f"/start {code[1]}", "You belong to no negotiation")
            async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", headers=OURS) as client:
                assert APP["opening"] in (await client.get("/app/1/item/goals")).text
                forged = opening(fields(datetime.now(UTC), {"id": MAYA}), token=BOT, bot=BOT.partition(":")[0])
                refused = await client.post("/app/sign-in", data={"init": forged, "path": ""})
                assert refused.status_code == 403, "a thief of the token got in"
                person, token = signed_in_with_the_key(tmp_path)
                client.cookies.set("__Host-readiness", token)
                csrf = hmac.new(token.encode(), b"csrf", hashlib.sha256).hexdigest()
                said = {"csrf": csrf, "once": "1", "command": "help", "rev": "0"}
                answer = await client.post("/desk/here", data=said, headers={"cookie": f"__Host-readiness={token}"})
                assert answer.status_code == 303, (person, answer.text)
            await maya.expect("I walk a delegation", SOON)
            assert await bot.stop() == 0
        assert "Traceback" not in bot.said


def signed_in_with_the_key(folder: Path) -> tuple[str, str]:
    """A browser's session of the one person there is; who, and its secret."""
    with of_process(folder) as there:
        ((name, person),) = there.people.items()
        return person, there.signs_in(name)
