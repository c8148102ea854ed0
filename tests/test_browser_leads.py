"""The lead's desk and the pages inside Telegram as people see them: phone and desk, light and dark, keyboard, paper."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest
from playwright.sync_api import expect

from bot.web.telegram_init_data import InitData
from tests.browsers import Web, chromium, served, wall
from tests.test_browser import DESK, PHONE, SMALL, violations
from tests.test_initdata import SERVERS, TOKEN, fields, opening

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.prove

# Telegram's own themes, as its clients hand them over, and one in which nothing could be read.
NIGHT = {
    "bg_color": "#212d3b", "secondary_bg_color": "#151e27", "text_color": "#ffffff", "hint_color": "#aaaaaa",
    "link_color": "#2481cc", "button_color": "#2481cc", "button_text_color": "#ffffff",
}  # fmt: skip
DAY = {
    "bg_color": "#ffffff", "secondary_bg_color": "#f1f1f1", "text_color": "#000000", "hint_color": "#a8a8a8",
    "link_color": "#2678b6", "button_color": "#50a8eb", "button_text_color": "#ffffff",
}  # fmt: skip
FOG = {"bg_color": "#777777", "secondary_bg_color": "#888888", "text_color": "#808080"}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


@pytest.fixture
def there(tmp_path: Path) -> Iterator[Web]:
    """The sample's delegation, of whom Maya has Telegram."""
    telegram = InitData(TOKEN, SERVERS.public_key().public_bytes_raw())
    with served(tmp_path, clock=wall, telegram=telegram) as made:
        made.link("Maya", 7001)
        yield made


def desk_of(browser: Browser, there: Web, name: str = "Maya", path: str = "/desk", **more: object) -> Page:
    page = browser.new_context(**more).new_page()  # type: ignore[arg-type]
    page.set_default_timeout(10_000)
    token = there.signs_in(name)
    page.context.add_cookies([{"name": "readiness", "value": token, "url": there.url}])
    page.goto(f"{there.url}{path}")
    return page


def handed(theme: dict[str, str] | None = None, telegram_id: int = 7001) -> str:
    """What a client puts behind the # of the address."""
    init = opening(fields(datetime.now(UTC), {"id": telegram_id}, query_id=secrets.token_hex(8)))
    worn = f"&tgWebAppThemeParams={quote(json.dumps(theme))}" if theme else ""
    return f"#tgWebAppData={quote(init)}&tgWebAppVersion=8.0&tgWebAppPlatform=ios{worn}"


def in_telegram(browser: Browser, there: Web, path: str, theme: dict[str, str] | None = None, **more: object) -> Page:
    """A page opened by its button, in a client that notes what pages tell it."""
    page = browser.new_context(**more).new_page()  # type: ignore[arg-type]
    page.set_default_timeout(10_000)
    page.add_init_script(
        "window.told = JSON.parse(sessionStorage.getItem('told') || '[]');"
        "window.TelegramWebviewProxy = {postEvent: (name, data) => {"
        "window.told.push(name); sessionStorage.setItem('told', JSON.stringify(window.told))}}"
    )
    page.goto(f"{there.url}/app/{path}{handed(theme)}")
    return page


# Inside Telegram


def test_a_button_in_telegram_opens_the_item_and_leaves_nothing_of_who_asked(browser: Browser, there: Web) -> None:
    page = in_telegram(browser, there, "1/item/crewed")
    expect(page.get_by_role("heading", name="Crewed flight")).to_be_visible()
    expect(page).to_have_url(f"{there.url}/app/desk/here")
    assert {"web_app_ready", "web_app_expand"} <= set(page.evaluate("window.told"))
    kept = page.evaluate("JSON.stringify({...sessionStorage, ...localStorage})")
    assert "hash" not in kept
    page.get_by_role("button", name="No", exact=True).click()
    expect(page.get_by_text("This closes a blocker")).to_be_visible()
    page.context.close()


def test_a_stranger_is_told_no_more_than_that_the_page_is_closed(browser: Browser, there: Web) -> None:
    page = browser.new_page()
    for behind in (handed(telegram_id=7999), "", "#tgWebAppData=x"):
        page.goto("about:blank")
        page.goto(f"{there.url}/app/1/item/crewed{behind}")
        expect(page.get_by_role("alert")).to_contain_text("This page stays closed")
        assert "China" not in page.content()
        assert "tgWebAppData" not in page.url
    page.close()


@pytest.mark.parametrize("theme", [NIGHT, DAY], ids=["night", "day"])
def test_what_telegram_shows_beside_talks_is_for_everybody_too(
    browser: Browser, there: Web, theme: dict[str, str]
) -> None:
    """A passphrase that does not do, what is not there any more, and the refusal."""
    look = {"viewport": SMALL, "bypass_csp": True, "reduced_motion": "reduce"}
    found = {}
    page = in_telegram(browser, there, "1/desk", theme, **look)
    expect(page.locator("body.leads")).to_be_visible()
    page.goto(f"{there.url}/app/desk/file/x")
    expect(page.get_by_text("The file is not kept any more")).to_be_visible()
    found["gone"] = violations(page)
    there.terminal("Maya").forges("1!on:@pw")
    page.goto(f"{there.url}/app/desk")
    page.get_by_label("New passphrase").fill("too short")
    page.get_by_label("The same once more").fill("too short")
    page.get_by_role("button", name="Keep it, and open").click()
    expect(page.get_by_role("alert")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == SMALL["width"]
    found["passphrase"] = violations(page)
    page.goto(f"{there.url}/app/desk#tgWebAppData=x")
    page.context.clear_cookies()
    page.reload()
    expect(page.get_by_role("alert")).to_be_visible()
    found["refused"] = violations(page)
    page.context.close()
    assert found == {one: [] for one in found}


@pytest.mark.parametrize(("theme", "scheme"), [(NIGHT, "dark"), (DAY, "light")], ids=["night", "day"])
@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_pages_wear_telegrams_theme_and_everybody_can_read_them(
    browser: Browser, there: Web, theme: dict[str, str], scheme: str, size: dict[str, int]
) -> None:
    """Against what the system itself prefers; where its colours cannot be read, ours are kept."""
    other = "light" if scheme == "dark" else "dark"
    look = {"viewport": size, "color_scheme": other, "bypass_csp": True, "reduced_motion": "reduce"}
    found = {}
    for path in ("1/desk", "1/item/crewed"):
        page = in_telegram(browser, there, path, theme, **look)
        expect(page.locator("body.leads")).to_be_visible()
        expect(page.locator("html")).to_have_attribute("data-theme", scheme)
        ground = page.evaluate("getComputedStyle(document.querySelector('.part')).backgroundColor")
        assert ground == rgb(theme["bg_color"])
        found[path] = violations(page)
        page.context.close()
    assert found == {path: [] for path in found}


def rgb(colour: str) -> str:
    return f"rgb({', '.join(str(int(colour[at : at + 2], 16)) for at in (1, 3, 5))})"


def test_a_theme_in_which_nothing_could_be_read_is_not_worn(browser: Browser, there: Web) -> None:
    page = in_telegram(browser, there, "1/desk", FOG, color_scheme="light", bypass_csp=True)
    expect(page.locator("body.leads")).to_be_visible()
    assert page.evaluate("document.documentElement.dataset.theme") is None
    assert violations(page) == []
    page.context.close()


def test_a_theme_that_changes_is_worn_at_once(browser: Browser, there: Web) -> None:
    page = in_telegram(browser, there, "1/desk", DAY)
    expect(page.locator("body.leads")).to_be_visible()
    page.evaluate("theme => window.Telegram.WebView.receiveEvent('theme_changed', {theme_params: theme})", NIGHT)
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.context.close()


# The desk


def test_who_belongs_to_no_talks_can_read_that_too(browser: Browser, there: Web) -> None:
    there.operator.person("Nora")
    found = {}
    for path in ("/", "/desk", "/desk/here"):
        page = desk_of(browser, there, "Nora", path, bypass_csp=True)
        expect(page.locator("main")).to_contain_text("your lead")
        found[path] = violations(page)
        page.context.close()
    assert found == {path: [] for path in found}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_every_page_of_the_desk_is_for_everybody(
    browser: Browser, there: Web, scheme: str, size: dict[str, int]
) -> None:
    """What axe-core knows of WCAG finds nothing: names, roles, order, contrast."""
    found = {}
    look = {"viewport": size, "color_scheme": scheme, "bypass_csp": True, "reduced_motion": "reduce"}
    for path in ("/desk", "/desk?severity=minor&sort=owner", "/desk/here", "/app", "/app/desk"):
        page = desk_of(browser, there, path=path, **look)
        found[path] = violations(page)
        page.context.close()
    assert found == {path: [] for path in found}


def test_the_desk_works_without_scripts(browser: Browser, there: Web) -> None:
    page = desk_of(browser, there, java_script_enabled=False)
    page.get_by_label("Severity").select_option("minor")
    page.get_by_role("button", name="Show", exact=True).click()
    expect(page.locator(".gap")).to_have_count(9)
    expect(page.get_by_label("Severity")).to_have_value("minor")
    page.get_by_role("link", name="Show all").click()
    expect(page.locator(".gap")).to_have_count(43)
    page.get_by_role("button", name="PDF, to carry").click()
    with page.expect_download() as down:
        page.get_by_role("link", name="Download").click()
    assert down.value.path().read_bytes().startswith(b"%PDF")
    page.get_by_role("link", name="Back to the desk").click()
    expect(page.get_by_role("heading", name="Gaps", exact=True)).to_be_visible()
    page.context.close()


def test_the_desk_works_by_keyboard(browser: Browser, there: Web) -> None:
    page = desk_of(browser, there, viewport=DESK)
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the talks")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Readiness", exact=True)).to_be_focused()
    page.get_by_role("button", name="Waive…").first.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#now")).to_be_visible()
    page.context.close()


@pytest.mark.parametrize("path", ["/desk", "/desk/here", "/app"])
def test_nothing_of_the_desk_is_cut_off_on_a_small_screen(browser: Browser, there: Web, path: str) -> None:
    """320 px wide, which is also a desk at 400 %: no scrolling sideways, and nothing too small for a finger."""
    page = desk_of(browser, there, path=path, viewport=SMALL)
    assert page.evaluate("document.documentElement.scrollWidth") == SMALL["width"]
    small = page.evaluate(
        "[...document.querySelectorAll('button, summary, nav a, a.button, select, textarea')]"
        ".filter(one => one.checkVisibility()).map(one => [one.textContent, one.getBoundingClientRect()])"
        ".filter(([, at]) => at.height < 44 || at.width < 40).map(([text]) => text)"
    )
    assert small == []
    page.context.close()


def test_the_desk_prints_what_it_shows_and_none_of_its_controls(browser: Browser, there: Web) -> None:
    page = desk_of(browser, there, viewport=DESK, color_scheme="dark")
    page.emulate_media(media="print", color_scheme="dark")
    expect(page.get_by_role("button", name="Waive…").first).to_be_hidden()
    expect(page.get_by_label("Severity")).to_be_hidden()
    expect(page.locator(".cells").get_by_text("Sample goal: exchange of orbit data", exact=True)).to_be_visible()
    expect(page.locator(".gap")).to_have_count(43)
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    page.context.close()


def test_a_wide_table_can_be_read_on_paper(browser: Browser, there: Web) -> None:
    """A sheet of A4 between its margins: no cell is squeezed to a column of letters, and each still has its name."""
    page = desk_of(browser, there, viewport={"width": 680, "height": 1000})
    page.emulate_media(media="print")
    squeezed = page.evaluate(
        "[...document.querySelectorAll('.cells td')].map(one => [one.textContent, one.getBoundingClientRect().width])"
        ".filter(([text, width]) => width < Math.min(60, 5 * text.length))"
    )
    assert squeezed == []
    ally = page.locator(".cells td", has_text="South Korea").first
    assert ally.evaluate("one => getComputedStyle(one, '::before').content") == '"Party: "'
    page.context.close()


def test_the_desk_loads_nothing_from_elsewhere_and_keeps_to_its_own_policy(browser: Browser, there: Web) -> None:
    context = browser.new_context()
    page, asked, said = context.new_page(), [], []
    page.on("request", lambda one: asked.append(one.url))
    page.on("console", lambda one: said.append(one.text))
    page.on("pageerror", lambda one: said.append(str(one)))
    page.goto(f"{there.url}/app/1/desk{handed(NIGHT)}")
    expect(page.locator(".gap").first).to_be_visible()
    assert page.locator("#trend img").evaluate("one => one.decode().then(() => one.naturalWidth)") > 300
    assert [one for one in asked if not one.startswith(f"{there.url}/")] == []
    assert said == []
    context.close()
