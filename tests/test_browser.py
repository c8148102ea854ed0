"""Pages as people see them: in a real browser, on phone and desk, light and dark, with a keyboard and without scripts.

``--update`` writes the README's screenshot anew.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import axe_playwright_python
import pytest
from PIL import Image
from playwright.sync_api import expect

from bot.core.events import Answered, Opened, Role
from tests.browsers import Served, chromium, desk_in, served
from tests.e2e import ROOT
from tests.factories import settling
from tests.ready import TALKS, TODAY

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

AXE = Path(axe_playwright_python.__file__).with_name("axe.min.js").read_text(encoding="utf-8")
PHONE, DESK, SMALL = {"width": 390, "height": 844}, {"width": 1280, "height": 800}, {"width": 320, "height": 568}
SHOT = ROOT / "docs" / "browser.png"
LARGEST = 150 * 1024  # bytes of the screenshot
LEFT = ("crewed", "minimum", "motive")  # what the three still have to answer


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


@pytest.fixture
def sample(tmp_path: Path) -> Iterator[Served]:
    with served(desk_in(tmp_path), sample=True) as there:
        yield there


def opened(browser: Browser, there: Served, name: str = "", **more: object) -> Page:
    """A browser of their own for somebody; without a name for whoever has the key."""
    page = browser.new_context(**more).new_page()  # type: ignore[arg-type]
    page.set_default_timeout(10_000)
    if name:
        token = there.site.browsing.sign_in(there.people[name])
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


def nearly_settled(there: Served) -> dict[str, str]:
    """Talks in which three answers are missing; Maya leads. Who is who."""
    office, desk = there.office, there.desk
    people = {name: office.person(name, lead=name == "Maya") for name in ("Maya", "Omar", "Lina")}
    checklist = desk.checklists["us-china-space"]
    start = Opened(
        uid="nearly", checklist=checklist.digest, counterpart=checklist.counterpart or "", subject="orbits", talks_on=TALKS
    )
    events = [one for one in settling("us-china-space") if not (isinstance(one, Answered) and one.item in {"crewed", "verdict"})]
    number = office.open(people["Maya"], start, tuple(events))
    office.seat(people["Omar"], number, Role.MEMBER)
    office.seat(people["Lina"], number, Role.MEMBER)
    return people


def at(page: Page, item: str) -> None:
    types(page, f"/find {item}")
    page.locator(".buttons").get_by_role("button", name=item).first.click()


def test_three_people_prepare_talks_in_three_browsers_to_a_sign_off(browser: Browser, tmp_path: Path) -> None:
    """Each answers something, the others see it come, and the lead signs what all of them see."""
    from datetime import UTC, datetime, time

    desk = desk_in(tmp_path, lambda: datetime.combine(TODAY, time(12), UTC))
    with served(desk) as there:
        nearly_settled(there)
        maya, omar, lina = (opened(browser, there, name) for name in ("Maya", "Omar", "Lina"))
        says(lina, "NOT READY")
        at(omar, "Crewed flight")
        taps(omar, "No")
        says(omar, "Recorded: No")
        at(lina, "Fallback") if False else types(lina, "/gaps")
        types(maya, "/sign")
        says(maya, "Sign")
        print(maya.locator("main").inner_text())
        print(lina.locator("main").inner_text())
        print(omar.locator("main").inner_text())
