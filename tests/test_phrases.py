"""Passphrases of people's own: where leads want them, our own pages show and hear nothing until one was entered."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from starlette.routing import BaseRoute, Mount, Route

from bot.application.passphrases import FREE, Kept, fits, unfit
from bot.domain.events import PassphraseReset, Passphrases
from bot.storage import ScryptCost, hash_passphrase, passphrase_matches
from bot.web.conversation import routes
from bot.web.services import WebServices
from bot.web.texts import DOOR, PHRASE
from tests.api import Hooks
from tests.browsers import CHEAP_COST, Tab, Web, served
from tests.test_leads_desk import gaps, in_telegram, inside

pytestmark = pytest.mark.slow

HERS, HIS = "four grey herons wade", "a kettle hums in fog"


@pytest.fixture
def web(tmp_path: Path) -> Iterator[Web]:
    with served(tmp_path) as made:
        yield made


def switch(web: Web, *, on: bool = True) -> None:
    """Maya has our own pages ask."""
    web.terminal("Maya").types("/privacy")
    web.terminal("Maya").taps("Passphrases", "Ask everybody" if on else "Ask no more")


def fills(tab: Tab, label: str, **fields: str) -> Tab:
    """Fill in the form with this button, and press it."""
    button = next(one for one in tab.page.xpath("//main//button") if " ".join(one.text_content().split()) == label)
    return tab.post(button.xpath("ancestor::form")[0].get("action"), {**tab.form(button), **fields})


def chooses(tab: Tab, phrase: str = HERS) -> Tab:
    return fills(tab, PHRASE["choose_do"], new=phrase, again=phrase)


def enters(tab: Tab, phrase: str = HERS) -> Tab:
    return fills(tab, PHRASE["enter_do"], current=phrase)


def test_somebody_chooses_a_passphrase_and_enters_it_once_a_session(web: Web) -> None:
    switch(web)
    tab = web.as_("Omar")
    assert tab.status == 401
    assert PHRASE["choose"].format(name="Omar") in tab.text
    assert "China" not in tab.text
    assert "China" in chooses(tab).text
    assert "China" in tab.see("/").text  # not asked again
    other = web.as_("Omar")
    assert PHRASE["enter"].format(name="Omar") in other.text
    assert "China" not in other.text
    assert "China" in enters(other).text


def test_who_is_not_asked_sees_no_such_page(web: Web) -> None:
    tab = web.as_("Omar")
    assert "China" in tab.text
    assert not tab.page.xpath("//a[@href='/passphrase']")
    assert tab.see("/passphrase").status == 404


def test_switched_off_nothing_is_asked(web: Web) -> None:
    switch(web)
    switch(web, on=False)
    assert "China" in web.as_("Omar").text
    assert [one.on for one in web.events() if isinstance(one, Passphrases)] == [True, False]


def every(found: list[BaseRoute]) -> Iterator[tuple[str, str]]:
    for one in found:
        if isinstance(one, Route):
            for method in sorted(one.methods or ()):
                yield method, one.path
        elif isinstance(one, Mount):
            for method, path in every(list(one.routes or ())):
                yield method, f"{one.path}{path}"


OPEN = {"/join", "/passphrase", "/out", "/app/sign-in", "/app", "/app/{path:path}", "/app/passphrase"}


def test_no_route_shows_or_hears_anything_in_a_session_that_is_locked(tmp_path: Path) -> None:
    """Every route there is: pages, the stream, files, pictures, the desk, in a browser and inside Telegram."""
    with in_telegram(tmp_path) as web:
        omar = web.people["Omar"]
        tab, framed = web.as_("Omar"), inside(web)
        assert "China" in tab.text
        forms = {"": tab.form(tab.see(f"/chat/{omar}").page.xpath("//button")[-1]), "/app": {}}
        forms["/app"] = framed.form(framed.see("/app/desk/here").page.xpath("//main//button")[-1])
        switch(web)
        before, walked = len(web.events()), set()
        for method, path in every(routes(web.site)):
            if path in OPEN or method == "HEAD":
                continue
            side = "/app" if path.startswith("/app") else ""
            there = framed if side else tab
            asked = path.replace("{person}", omar).replace("{key}", "x")
            body = {**forms[side], "text": "SMUGGLED", "command": ""}
            answer = there.client.request(method, asked, data=body if method == "POST" else None)
            walked.add(asked)
            assert answer.status_code == 401, (method, path)
            assert "China" not in answer.text, (method, path)
            assert PHRASE["choose"].format(name="Omar") in answer.text, (method, path)
        assert {
            "/",
            "/live",
            f"/chat/{omar}",
            f"/chat/{omar}/file/x",
            "/desk",
            "/desk/trend.png",
            "/app/desk",
        } <= walked
        assert len(web.events()) == before
        for path in ("/passphrase", "/app/passphrase", "/app", "/join?s=x"):
            assert "China" not in (framed if path.startswith("/app") else tab).client.get(path).text


def test_the_stream_of_a_page_ends_when_passphrases_are_asked(web: Web) -> None:
    omar = web.people["Omar"]
    tab = web.as_("Omar")
    with tab.client.stream("GET", f"/live?as={omar}") as stream:
        lines = stream.iter_lines()
        assert next(one for one in lines if one.startswith("data: "))
        switch(web)
        web.terminal("Omar").types("/summary")
        web.site.live.poke()
        after = next(one for one in lines if one.startswith(("event: ", "data: ")))
    assert after == "event: ended"


@pytest.mark.parametrize(
    ("new", "again", "why"),
    [("short one", "short one", "short"), ("Omar Omar Omar", "Omar Omar Omar", "short"),
     ("abababababab", "abababababab", "plain"), (HERS, HIS, "differs"), ("x y z w v" * 40, "x y z w v" * 40, "long")],
)  # fmt: skip
def test_what_does_not_do_is_told_at_its_field(web: Web, new: str, again: str, why: str) -> None:
    switch(web)
    tab = fills(web.as_("Omar"), PHRASE["choose_do"], new=new, again=again)
    assert tab.status == 422
    assert tab.page.xpath("//*[@id='trouble']")[0].text_content() == PHRASE[why]
    field = tab.page.xpath("//input[@aria-invalid='true']")[0]
    assert "trouble" in field.get("aria-describedby")
    assert not any(one.get("value") for one in tab.page.xpath("//input[@type='password']"))
    assert PHRASE["choose"].format(name="Omar") in web.as_("Omar").text


def test_wrong_tries_are_limited_longer_each_time_and_audited(web: Web) -> None:
    """Also across a restart, since the count is in the database; and the right one is not looked at meanwhile."""
    switch(web)
    chooses(web.as_("Omar"))
    tab = web.as_("Omar")
    for _ in range(FREE):
        tab = enters(tab, HIS)
        assert PHRASE["wrong"] in tab.text
    assert "30 seconds" in tab.text
    tab = enters(tab)  # the right one
    assert PHRASE["wait"].format(wait="30 seconds") in tab.text
    web.clock.now += timedelta(seconds=31)
    assert "60 seconds" in enters(tab, HIS).text
    web.clock.now += timedelta(seconds=61)
    assert "China" in enters(tab).text
    assert any("6 × wrong passphrase: Omar" in one for one in web.operator.audited())


def test_nobody_waits_for_somebody_elses_passphrase(web: Web, faults: Hooks) -> None:
    """A hash takes half a second and 128 MiB: one at a time, beside what all others read and answer."""
    switch(web)
    for name in ("Omar", "Lina"):
        chooses(web.as_(name))
    web.operator.person("Vera", lead=True)
    vera = web.as_("Vera")
    lina, omar, done = web.as_("Lina"), web.as_("Omar"), threading.Event()
    running: list[int] = []

    def slow(phrase: str, kept: Kept) -> bool:
        running.append(0)
        return done.wait(20) and fits(phrase, kept)

    faults.on("passphrases_judged_by", slow)
    trying = [threading.Thread(target=enters, args=(one,)) for one in (omar, lina)]
    for one in trying:
        one.start()
    while not running:
        time.sleep(0.01)
    for text in ("/help", "/privacy", "/home"):
        assert vera.write(text).status == 200
    assert len(running) == 1
    done.set()
    for one in trying:
        one.join()
    assert (omar.status, lina.status) == (200, 200)
    assert "China" in omar.text


def test_a_lead_resets_a_passphrase_which_ends_the_persons_sessions(web: Web) -> None:
    switch(web)
    tab = web.as_("Omar")
    chooses(tab)
    web.terminal("Maya").types("/team")
    web.terminal("Maya").taps("Omar…", "Reset passphrase…", "Reset")
    assert web.events()[-1] == PassphraseReset(person=web.people["Omar"])
    assert DOOR["closed"] in tab.see("/").text
    assert PHRASE["choose"].format(name="Omar") in web.as_("Omar").text


def test_the_operator_lets_the_only_lead_choose_anew(web: Web) -> None:
    switch(web)
    tab = web.as_("Maya")
    chooses(tab)
    web.operator.link("Maya")
    assert "China" in tab.see("/").text  # a link alone takes nothing away
    link = web.operator.link("Maya", new_passphrase=True)
    assert DOOR["closed"] in tab.see("/").text
    fresh = web.browser().see(link.removeprefix(web.url)).tap(DOOR["join"])
    assert PHRASE["choose"].format(name="Maya") in fresh.text


def test_somebody_changes_their_own_and_is_signed_out_elsewhere(web: Web) -> None:
    switch(web)
    tab = web.as_("Omar")
    chooses(tab)
    other = web.as_("Omar")
    enters(other)
    page = tab.see("/").see(tab.page.xpath("//a[@href='/passphrase']/@href")[0])
    wrong = fills(page, PHRASE["change_do"], now=HIS, new=HIS, again=HIS)
    assert PHRASE["wrong"] in wrong.text
    assert PHRASE["changed"] in fills(wrong, PHRASE["change_do"], now=HERS, new=HIS, again=HIS).text
    assert "China" in tab.see("/").text
    assert DOOR["closed"] in other.see("/").text
    assert PHRASE["wrong"] in enters(web.as_("Omar"), HERS).text
    assert "China" in enters(web.as_("Omar"), HIS).text


def test_a_form_of_no_page_of_ours_is_refused(web: Web) -> None:
    switch(web)
    tab = web.as_("Omar")
    assert tab.post("/passphrase", {"kind": "choose", "new": HERS, "again": HERS, "csrf": "x"}).status == 403


@pytest.mark.parametrize("to", ["https://evil.example/", "//evil.example/desk", "/\\evil.example", "/out", "/join?s=x"])
def test_nobody_is_sent_elsewhere_afterwards(web: Web, to: str) -> None:
    switch(web)
    tab = web.as_("Omar")
    tab = fills(tab, PHRASE["choose_do"], new=HERS, again=HERS, to=to)
    assert tab.status == 200
    assert tab.answer.url.path == "/"


def test_inside_telegram_it_is_asked_as_well(tmp_path: Path) -> None:
    with in_telegram(tmp_path) as web:
        switch(web)
        tab = inside(web)
        assert PHRASE["choose"].format(name="Omar") in tab.text
        assert "China" not in tab.text
        assert "China" in chooses(tab).text


def test_a_page_opened_in_telegram_moves_the_chat_only_once_the_passphrase_was_entered(tmp_path: Path) -> None:
    """Whoever has somebody's phone and not their passphrase ends nothing that they had begun in the chat."""
    with in_telegram(tmp_path) as web:
        switch(web)
        omar = web.terminal("Omar")
        omar.types("/sections")
        tab = inside(web, path="1/item/crewed")
        tab = fills(tab, PHRASE["choose_do"], new="short", again="short")
        assert omar.screen.title == "Sections"
        assert "Does the agenda contain" in chooses(tab).text
        assert "Does the agenda contain" in omar.screen.text
        assert gaps(enters(inside(web, path="1/desk")))


@pytest.mark.parametrize("to", ["1/item/../out", "x", "", "1/item/none", "//evil.example", "2/item/crewed", "1/Item"])
def test_what_is_no_page_leads_to_where_the_chat_is(tmp_path: Path, to: str) -> None:
    with in_telegram(tmp_path) as web:
        switch(web)
        tab = fills(inside(web), PHRASE["choose_do"], new=HERS, again=HERS, to=to)
        assert (tab.status, tab.answer.url.path) == (200, "/app/desk/here")


def test_the_database_holds_no_passphrase_nor_what_one_could_guess_at(web: Web, tmp_path: Path) -> None:
    """Without the master key there is no hash to try guesses on."""
    switch(web)
    chooses(web.as_("Omar"))
    with web.store.reading() as tx:
        kept = tx.phrase(web.people["Omar"])
    assert kept is not None
    assert passphrase_matches(HERS, kept.body)
    web.store.close()
    with closing(sqlite3.connect(tmp_path / "readiness.db")) as there:
        dump = repr(list(there.execute("SELECT * FROM passphrases"))) + "\n".join(there.iterdump())
        (body,) = there.execute("SELECT body FROM passphrases").fetchone()
    assert HERS not in dump
    assert kept.body not in body
    assert kept.body.rpartition(b"$")[2] not in body


def test_passphrases_of_who_left_and_of_purged_talks_go(web: Web) -> None:
    switch(web)
    for name in ("Omar", "Lina"):
        chooses(web.as_(name))
    omar, lina = (web.people[name] for name in ("Omar", "Lina"))
    web.terminal("Maya").types("/team")
    web.terminal("Maya").taps("Omar…", "Remove…", "Remove")
    with web.store.reading() as tx:
        assert tx.phrase(omar) is None
        assert tx.phrase(lina) is not None
    web.purge()
    with web.store.reading() as tx:
        assert tx.phrase(lina) is None


def test_in_the_sample_each_of_the_three_is_asked(tmp_path: Path) -> None:
    with served(tmp_path, sample=True, begun=False) as web:
        tab = web.browser().see(f"/?key={web.keys[-1]}")
        assert "China" in tab.text
        switch(web)
        tab.see("/")
        for name in ("Maya", "Omar", "Lina"):
            assert PHRASE["choose"].format(name=name) in tab.text
            assert "China" not in tab.text
            chooses(tab, f"{HERS} of {name}")
        assert "China" in tab.text


def test_the_same_words_are_the_same_however_an_accent_is_typed() -> None:
    assert passphrase_matches("cafe\u0301 au lait et pain", hash_passphrase("caf\u00e9 au lait et pain", CHEAP_COST))
    assert not passphrase_matches(HIS, hash_passphrase(HERS, CHEAP_COST))


# Of HERS, with a salt of 0, 1, 2 …: by the version that did not keep the cost yet.
WITHOUT_COST = bytes(range(16)) + bytes.fromhex("25faba778cd8f3fd38f6650fd580bab50182ff77f85bfa4ae5d585ad6186c66d")


@pytest.mark.prove
def test_a_guess_costs_128_mib_and_what_earlier_versions_kept_still_fits(web: Web) -> None:
    """As the pages are served to people; every other test makes guesses cheap."""
    web.site.phrases = WebServices(web.desk, ThreadPoolExecutor(1), web.site.address).phrases
    switch(web)
    chooses(web.as_("Omar"))
    with web.desk.store.reading() as tx:
        kept = tx.phrase(web.people["Omar"])
    assert kept is not None
    assert kept.body.startswith(b"$scrypt$ln=17,r=8,p=1$")
    assert "China" in enters(web.as_("Omar")).text
    assert passphrase_matches(HERS, WITHOUT_COST)
    assert not passphrase_matches(HIS, WITHOUT_COST)


def test_what_was_kept_at_another_cost_still_fits() -> None:
    """The cost may grow: whoever chose before enters what they chose."""
    kept = hash_passphrase(HERS, ScryptCost(ln=5, r=4, p=2))
    assert passphrase_matches(HERS, kept)
    assert not passphrase_matches(HERS, kept.replace(b"ln=5", b"ln=6"))
    assert not passphrase_matches(HIS, kept)


def test_a_name_does_not_count() -> None:
    assert unfit("Omar Haddad 1", "Omar Haddad") == "short"
    assert unfit(f"{HERS} Omar", "Omar") == ""
