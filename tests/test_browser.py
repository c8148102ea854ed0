"""Pages as people see them: in a real browser, on phone and desk, light and dark, with a keyboard and without scripts.

``--update`` writes the README's screenshot anew.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import UTC, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING

import axe_playwright_python
import pytest
from PIL import Image
from playwright.sync_api import expect

from bot.application.turns import ASTRAY
from tests.browsers import Web, chromium, served, wall
from tests.e2e import ROOT
from tests.factories import settling
from tests.ready import TALKS, TODAY

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page, Route

pytestmark = pytest.mark.prove

AXE = Path(axe_playwright_python.__file__).with_name("axe.min.js").read_text(encoding="utf-8")
PHONE, DESK, SMALL = {"width": 390, "height": 844}, {"width": 1280, "height": 800}, {"width": 320, "height": 568}
SHOT = ROOT / "docs" / "browser.png"
LARGEST = 150 * 1024  # bytes of the screenshot


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


@pytest.fixture
def sample(tmp_path: Path) -> Iterator[Web]:
    with served(tmp_path, clock=wall, sample=True) as there:
        yield there


def opened(browser: Browser, there: Web, name: str = "", **more: object) -> Page:
    """A browser of their own for somebody; without a name for whoever has the key."""
    page = browser.new_context(**more).new_page()  # type: ignore[arg-type]
    page.set_default_timeout(10_000)
    if name:
        token = there.signs_in(name)
        page.context.add_cookies([{"name": "readiness", "value": token, "url": there.url}])
        page.goto(f"{there.url}/chat/{there.people[name]}")
    else:
        page.goto(f"{there.url}/?key={there.keys[-1]}")
    return page


def pane(page: Page, name: str) -> Locator:
    return page.locator(".pane", has=page.get_by_role("heading", name=name, exact=True, level=2))


def taps(where: Page | Locator, *labels: str) -> None:
    """Tap one button after the other, each once it is there."""
    for label in labels:
        where.locator(".buttons").get_by_role("button", name=label, exact=True).click()


def says(where: Page | Locator, words: str) -> None:
    """Wait until the present message holds this."""
    expect(where.locator(".live")).to_contain_text(words, timeout=10_000)


def types(where: Page | Locator, text: str) -> None:
    area = where.get_by_role("textbox")
    area.fill(text)
    area.press("Enter")
    expect(area).to_have_value("")


def violations(page: Page) -> list[str]:
    """What axe finds, a line each. It is put in past the page's own policy, which forbids it."""
    page.evaluate(AXE)
    found = page.evaluate("axe.run()")
    return [f"{one['id']}: {one['nodes'][0]['html'][:200]} {one['nodes'][0]['any'][:1]}" for one in found["violations"]]


# Three people


def nearly_settled(there: Web) -> None:
    """Talks in which three answers are missing; Maya and Omar lead."""
    left = {"crewed", "verdict", "precedents"}
    events = tuple(one for one in settling("us-china-space") if getattr(one, "item", "") not in left)
    people = ("Maya lead", "Omar lead", "Lina member")
    there.opens("us-china-space", *people, uid="nearly", subject="orbits", talks_on=TALKS, events=events)


def at(page: Page, words: str) -> None:
    """Go to the first item found for some words."""
    types(page, f"/find {words}")
    says(page, "Found for")
    taps(page, "1")


def signs(page: Page) -> None:
    types(page, "/sign")
    taps(page, "Sign for a go…", "Sign this state")
    says(page, "Sign-off")


def test_three_people_prepare_talks_in_three_browsers_to_a_sign_off(browser: Browser, tmp_path: Path) -> None:
    """Each answers something, the others see it come, and both leads sign what all of them see."""
    with served(tmp_path, clock=lambda: datetime.combine(TODAY, time(12), UTC), begun=False) as there:
        nearly_settled(there)
        maya, omar, lina = (opened(browser, there, name) for name in ("Maya", "Omar", "Lina"))
        says(maya, "NOT READY")
        at(omar, "crewed flight")
        taps(omar, "No")
        says(omar, "This closes a blocker")
        says(maya, "CONDITIONAL")  # by itself: she has done nothing
        at(lina, "precedents")
        taps(lina, "Add a row")
        types(lina, "Sample visit of 2006\nNot returned\nFix the day first")
        lina.locator(".buttons button").first.click()
        says(lina, "This closes a minor gap")
        types(maya, "/gaps")
        says(maya, "Gaps · 1–1 of 1")
        taps(maya, "1", "Go to the item", "Go")
        says(maya, "This closes a major gap")
        types(maya, "/sign")
        says(maya, "READY")
        for lead in (maya, omar):
            signs(lead)
        says(omar, "2 of 2")
        types(lina, "/sign")
        says(lina, "2 of 2")
        for page in (maya, omar, lina):
            page.context.close()


# What is live


def test_side_by_side_the_others_see_an_answer_come(browser: Browser, sample: Web) -> None:
    page = opened(browser, sample, viewport=DESK)
    types(pane(page, "Omar"), "/sections")
    says(pane(page, "Omar"), "Sections")
    button = pane(page, "Omar").get_by_role("button", name="Limit expectations · 1 of 11")
    expect(button).to_have_count(0)
    types(pane(page, "Maya"), "/find crewed flight")
    taps(pane(page, "Maya"), "1", "No")
    expect(button).to_be_visible(timeout=10_000)
    page.context.close()


def test_what_others_change_takes_neither_the_focus_nor_what_is_being_typed(browser: Browser, sample: Web) -> None:
    page = opened(browser, sample, viewport=DESK)
    omar = pane(page, "Omar")
    types(omar, "/sections")
    says(omar, "Sections")
    button = omar.get_by_role("button", name="Authority and decision")
    omar.get_by_role("textbox").fill("not yet sent")
    button.focus()
    sample.terminal("Maya").types("/find crewed flight")
    sample.terminal("Maya").taps("1")
    sample.terminal("Maya").taps("No")
    sample.site.live.poke()
    expect(omar.get_by_role("button", name="Limit expectations · 1 of 11")).to_be_visible(timeout=10_000)
    expect(button).to_be_focused()
    expect(omar.get_by_role("textbox")).to_have_value("not yet sent")
    page.context.close()


def test_what_is_being_typed_is_not_sent_to_another_question(browser: Browser, sample: Web) -> None:
    """Omar types below one, and taps on in another window before he sends it."""
    page = opened(browser, sample, "Omar")
    at(page, "precedents")
    taps(page, "Add a row")
    says(page, "Event")
    page.get_by_role("textbox").fill("A goal that nobody may know")
    sample.terminal("Omar").types("/find mandate")
    sample.terminal("Omar").taps("1")
    sample.site.live.poke()
    says(page, "Our mandate")
    before = sample.recorded()
    page.get_by_role("textbox").press("Enter")
    says(page, ASTRAY)
    expect(page.locator(".you").last).to_contain_text("A goal that nobody may know")
    assert sample.recorded() == before
    types(page, "The minister")
    says(page, "Recorded: The minister")
    page.context.close()


def test_a_page_that_was_away_catches_up(browser: Browser, sample: Web) -> None:
    page = opened(browser, sample, "Omar")
    page.context.set_offline(True)
    types_offline = page.get_by_role("textbox")
    types_offline.fill("/sections")
    types_offline.press("Enter")
    page.context.set_offline(False)
    says(page, "Sections")
    page.context.close()


def test_an_answer_whose_reply_was_lost_counts_once(browser: Browser, sample: Web) -> None:
    """The network breaks after the server has heard: the page sends it again, and nothing is doubled."""
    page = opened(browser, sample, "Omar")
    lost: list[bool] = []

    def once(route: Route) -> None:
        if lost or route.request.method != "POST":
            route.continue_()
            return
        lost.append(True)
        route.fetch()
        route.abort()

    types(page, "/find crewed flight")
    says(page, "Found for")
    taps(page, "1")
    says(page, "Does the agenda contain")
    before = sample.recorded()
    page.route("**/chat/*", once)
    taps(page, "No")
    says(page, "Recorded: No")
    assert lost
    assert sample.recorded() == before + 1
    page.context.close()


def test_a_second_click_on_the_way_is_no_second_answer(browser: Browser, sample: Web) -> None:
    page = opened(browser, sample, "Omar")
    at(page, "crewed")
    says(page, "Does the agenda contain")
    before = sample.recorded()
    page.locator(".buttons").get_by_role("button", name="No", exact=True).dblclick()
    says(page, "Recorded: No")
    assert sample.recorded() == before + 1
    page.context.close()


def test_whoever_is_removed_is_shown_the_door_at_once(browser: Browser, sample: Web) -> None:
    there = sample
    there.site.sample = ()
    page = opened(browser, there, "Omar")
    says(page, "Talks with China")
    there.terminal("Maya").types("/team")
    there.terminal("Maya").taps("Omar…", "Remove…", "Remove")
    there.site.live.poke()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible(timeout=10_000)
    assert "China" not in page.content()
    page.context.close()


def test_a_session_that_ended_while_nobody_looked_leaves_nothing_to_see(browser: Browser, sample: Web) -> None:
    """A page in the background has no stream; when somebody comes back to it, the door is there."""
    page = opened(browser, sample, "Omar")
    says(page, "Talks with China")
    looks_at(page, hidden=True)
    for cookie in page.context.cookies():
        sample.site.browsing.sign_out(cookie["value"])
    looks_at(page, hidden=False)
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible(timeout=10_000)
    assert "China" not in page.content()
    page.context.close()


def looks_at(page: Page, *, hidden: bool) -> None:
    page.evaluate("is => Object.defineProperty(document, 'hidden', {get: () => is, configurable: true})", hidden)
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


# Files


def test_a_file_goes_up_and_a_document_comes_down(browser: Browser, sample: Web) -> None:
    page = opened(browser, sample, "Maya")
    at(page, "crewed")
    says(page, "Does the agenda contain")
    page.locator("input[type=file]").set_input_files(
        {"name": "letter.txt", "mimeType": "text/plain", "buffer": b"Yes."}
    )
    expect(page.locator(".chosen")).to_contain_text("letter.txt")
    page.get_by_role("button", name="Send", exact=True).click()
    says(page, "Added as evidence: letter.txt")
    types(page, "/take")
    page.locator(".buttons").get_by_role("button", name="PDF").first.click()
    with page.expect_download() as down:
        page.get_by_role("link", name="Download").click()
    assert down.value.path().read_bytes().startswith(b"%PDF")
    page.context.close()


def test_a_picture_is_shown_in_the_conversation(browser: Browser, sample: Web) -> None:
    page = opened(browser, sample, "Maya")
    types(page, "/summary")
    picture = page.locator(".said img")
    expect(picture).to_be_visible(timeout=10_000)
    assert picture.evaluate("one => one.decode().then(() => one.naturalWidth)") > 300
    page.context.close()


# For everybody


def test_all_of_it_works_by_keyboard(browser: Browser, sample: Web) -> None:
    page = opened(browser, sample, "Maya")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the conversation")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.locator(".buttons button").first).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(".live")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.locator(".buttons button").first).to_be_focused()
    menu = page.locator("summary")
    menu.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.locator(".menu button").first).to_be_focused()
    page.keyboard.press("Escape")
    expect(menu).to_be_focused()
    expect(page.locator(".menu form")).to_be_hidden()
    page.context.close()


def test_it_works_without_scripts(browser: Browser, sample: Web) -> None:
    page = opened(browser, sample, "Omar", java_script_enabled=False)
    page.get_by_role("textbox").fill("/find crewed flight")
    page.get_by_role("button", name="Send", exact=True).click()
    taps(page, "1", "No")
    says(page, "Recorded: No")
    expect(page.locator(".said[data-n]")).to_have_count(2)
    page.context.close()


def test_nothing_is_cut_off_on_a_small_screen(browser: Browser, sample: Web) -> None:
    """320 px wide, which is also a desk at 400 %: no scrolling sideways, and nothing too small for a finger."""
    page = opened(browser, sample, viewport=SMALL)
    maya = pane(page, "Maya")
    for command in ("/sections", "/gaps", "/help", "/summary"):
        types(maya, command)
        assert page.evaluate("document.documentElement.scrollWidth") == SMALL["width"]
    small = page.evaluate(
        "[...document.querySelectorAll('button, summary, nav a, textarea, .attach')]"
        ".filter(one => one.checkVisibility()).map(one => [one.textContent, one.getBoundingClientRect()])"
        ".filter(([, at]) => at.height < 44 || at.width < 40).map(([text]) => text)"
    )
    assert small == []
    page.context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
@pytest.mark.parametrize("name", ["", "Omar"], ids=["side by side", "alone"])
def test_the_page_never_scrolls_into_blank(
    browser: Browser, sample: Web, name: str, scheme: str, size: dict[str, int]
) -> None:
    """However long the talk: what scrolls is the conversation, and the field to write in stays at its foot."""
    page = opened(browser, sample, name, viewport=size, color_scheme=scheme)
    where = pane(page, name or "Maya")
    for label in ("No", "Yes") * 4:
        types(where, "/find crewed")
        says(where, "Found for")
        taps(where, "1", label)
        says(where, f"Recorded: {label}")
    assert where.locator(".scroll").evaluate("one => one.scrollHeight") > size["height"], "there is something to scroll"
    assert page.evaluate("document.documentElement.scrollHeight") == size["height"]
    page.evaluate("document.activeElement.blur()")
    for key in ("End", "Space", "PageDown"):
        page.keyboard.press(key)
    page.mouse.move(size["width"] / 2, 20)
    page.mouse.wheel(0, 2000)
    page.wait_for_timeout(200)
    assert page.evaluate("[scrollY, document.body.scrollTop]") == [0, 0]
    field = where.get_by_role("textbox").bounding_box()
    assert field is not None
    assert size["height"] - 90 < field["y"] + field["height"] <= size["height"]
    page.context.close()


def test_a_conversation_prints_black_on_white_and_whole(browser: Browser, sample: Web) -> None:
    page = opened(browser, sample, "Omar", color_scheme="dark")
    for label in ("No", "Yes", "No", "Yes"):
        at(page, "crewed")
        taps(page, label)
        says(page, f"Recorded: {label}")
    page.emulate_media(media="print", color_scheme="dark")
    colours = "one => getComputedStyle(one).color"
    assert {one.evaluate(colours) for one in page.locator(".you").all()} == {"rgb(0, 0, 0)"}
    scroll = "one => one.scrollHeight - one.clientHeight"
    assert page.locator(".scroll").evaluate(scroll) <= 1, "what does not fit the window is not printed"
    for gone in (page.get_by_role("button", name="Send"), page.get_by_role("link", name="Desk")):
        expect(gone).to_be_hidden()
    page.context.close()


def test_no_page_loads_anything_from_elsewhere_or_breaks_its_own_policy(browser: Browser, sample: Web) -> None:
    context = browser.new_context(viewport=DESK)  # type: ignore[arg-type]
    page = context.new_page()
    asked: list[str] = []
    said: list[str] = []
    page.on("request", lambda one: asked.append(one.url))
    page.on("console", lambda one: said.append(one.text))
    page.on("pageerror", lambda one: said.append(str(one)))
    page.goto(f"{sample.url}/?key={sample.keys[-1]}")
    types(pane(page, "Maya"), "/summary")
    expect(page.locator(".said img")).to_be_visible(timeout=10_000)
    assert [one for one in asked if not one.startswith(sample.url + "/")] == []
    assert said == []
    assert "key=" not in page.url
    page.evaluate(
        "document.body.append(Object.assign(document.createElement('script'), {textContent: 'window.ran = 1'}))"
    )
    assert page.evaluate("window.ran") is None
    context.close()


def test_an_invitations_secret_leaves_the_address_bar(browser: Browser, sample: Web) -> None:
    sample.terminal("Maya").types("/team")
    sample.terminal("Maya").taps("Invite a member")
    link = sample.terminal("Maya").screen.text.split()[-1]
    page = browser.new_context().new_page()
    page.goto(link)
    expect(page).to_have_url(f"{sample.url}/join")
    page.get_by_label("Your name").fill("Nora")
    page.get_by_role("button", name="Come in").click()
    says(page, "Talks with China")
    page.context.close()


def test_a_form_says_where_it_comes_from_in_browsers_old_and_new(browser: Browser, sample: Web) -> None:
    """Those that know no Sec-Fetch-Site have but their origin to tell."""
    page = opened(browser, sample, "Omar", java_script_enabled=False)
    with page.expect_request(lambda one: one.method == "POST") as sent:
        page.get_by_role("button", name="Sections", exact=True).click()
    assert sent.value.all_headers()["origin"] == sample.url
    page.context.close()


def door(page: Page, there: Web) -> None:
    page.context.clear_cookies()
    page.goto(f"{there.url}/")


def invited(page: Page, there: Web) -> None:
    there.terminal("Maya").types("/team")
    there.terminal("Maya").taps("Invite a member")
    page.context.clear_cookies()
    page.goto(there.terminal("Maya").screen.text.split()[-1])


def asked(page: Page, there: Web) -> None:
    """A passphrase is to be chosen, and what was typed does not do."""
    there.terminal("Maya").types("/privacy")
    there.terminal("Maya").taps("Passphrases", "Ask everybody")
    page.goto(f"{there.url}/")
    page.get_by_label("New passphrase").fill("too short")
    page.get_by_label("The same once more").fill("too short")
    page.get_by_role("button", name="Keep it, and open").click()
    expect(page.get_by_label("New passphrase")).to_be_focused()


def changing(page: Page, there: Web) -> None:
    """All three have chosen, or enter, a passphrase; Maya is about to change hers."""
    page.goto(f"{there.url}/")
    while not page.get_by_role("link", name="Passphrase").count():
        for field in page.locator("input[type=password]").all():
            field.fill("four grey herons wade")
        page.locator("main button").click()
        page.wait_for_load_state()
    page.get_by_role("link", name="Passphrase").click()
    expect(page.get_by_label("Your passphrase now")).to_be_visible()


def entering(page: Page, there: Web) -> None:
    page.goto(f"{there.url}/")
    expect(page.get_by_label("Passphrase")).to_be_visible()


def wrong(page: Page, there: Web) -> None:
    page.goto(f"{there.url}/nowhere")


def together(page: Page, _: Web) -> None:
    types(pane(page, "Maya"), "/find crewed flight")
    taps(pane(page, "Maya"), "1", "No")
    says(pane(page, "Maya"), "Recorded: No")
    types(pane(page, "Maya"), "/summary")
    expect(page.locator(".said img").first).to_be_visible(timeout=10_000)


def alone(page: Page, there: Web) -> None:
    page.goto(f"{there.url}/chat/{there.people['Lina']}")
    types(page, "/take")
    page.locator(".buttons").get_by_role("button", name="PDF").first.click()
    expect(page.get_by_role("link", name="Download")).to_be_visible(timeout=10_000)
    page.locator("summary").click()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_every_page_is_for_everybody(browser: Browser, sample: Web, scheme: str, size: dict[str, int]) -> None:
    """What axe-core knows of WCAG finds nothing: names, roles, order, contrast."""
    found = {}
    for look in (together, alone, invited, wrong, door, asked, changing, entering):
        page = opened(browser, sample, viewport=size, color_scheme=scheme, bypass_csp=True, reduced_motion="reduce")
        look(page, sample)
        found[look.__name__] = violations(page)
        page.context.close()
    assert found == {look: [] for look in found}


def test_axe_would_find_what_is_wrong(browser: Browser, sample: Web) -> None:
    page = opened(browser, sample, "Maya", bypass_csp=True)
    page.evaluate("document.querySelector('textarea').closest('label').replaceWith(document.createElement('textarea'))")
    assert any(one.startswith("label") for one in violations(page))
    page.context.close()


def test_the_readme_opens_with_a_picture_of_it(browser: Browser, sample: Web, *, update: bool) -> None:
    if update:
        page = opened(browser, sample, viewport={"width": 1200, "height": 720}, reduced_motion="reduce")
        types(pane(page, "Omar"), "/find crewed flight")
        taps(pane(page, "Omar"), "1", "No")
        says(pane(page, "Omar"), "This closes a blocker")
        types(pane(page, "Maya"), "/summary")
        expect(page.locator(".said img")).to_be_visible(timeout=10_000)
        types(pane(page, "Lina"), "/gaps")
        says(pane(page, "Lina"), "Gaps")
        page.wait_for_timeout(500)
        Image.open(io.BytesIO(page.screenshot())).convert("P", palette=Image.Palette.ADAPTIVE).save(SHOT, optimize=True)
        page.context.close()
    with Image.open(SHOT) as shot:
        assert shot.width >= 1000
    assert SHOT.stat().st_size <= LARGEST
