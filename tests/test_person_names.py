"""What people are called: whatever they name themselves, nobody reads as another, or as something the bot says."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.domain.events import Joined, Knocked, Renamed, Role
from bot.domain.person_names import UNNAMED, looks_like, person_name, plain_name
from bot.domain.wording.history import told
from tests.api import Chat, Delegation
from tests.browsers import served
from tests.factories import happen, happened, negotiation

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.api import Response

LIKE_MAYA = {
    "zero width space": "Ma\u200bya",
    "soft hyphen": "Ma\u00adya",
    "word joiner": "\u2060Maya",
    "direction mark": "Maya\u200e",
    "tags": "Maya\U000e006c\U000e0065",
    "variation": "Maya\ufe0f\U000e0101",
    "Hangul filler": "Maya\u3164",
    "Braille blank": "Maya\u2800",
    "control": "Ma\u0007ya",
    "Cyrillic": "M\u0430y\u0430",
    "all Cyrillic": "\u041c\u0430\u0443\u0430",
    "Greek": "\u039caya",
    "full width": "Ｍａｙａ",
    "mathematical": "𝐌𝐚𝐲𝐚",
    "combining": "Maya\u0301",
    "capitals": "MAYA",
    "spaces": "  Maya ",
    "a role behind it": "Maya, lead (you)",
    "a role in other letters": "Maya l\u0435ad",
}


@pytest.fixture
def there(tmp_path: Path) -> Iterator[Delegation]:
    """Maya leads, Omar is a member."""
    with Delegation(tmp_path) as made:
        made.opens("us-china-space", "Maya lead", "Omar member")
        yield made


def joins(there: Delegation, name: str, handle: str = "") -> Response:
    """Somebody new comes by Maya's invitation, under a name that they gave themselves on Telegram."""
    maya, new = there.chat("Maya"), there.chat(name)
    maya.types("/team")
    maya.taps("Invite a member")
    return new.sends(new.update(f"/start {there.invitation}", handle=handle))


def team(there: Delegation) -> list[str]:
    """How the team reads for Omar."""
    there.chat("Omar").types("/team")
    return there.chat("Omar").screen.text.splitlines()


@pytest.mark.slow
@pytest.mark.parametrize("name", LIKE_MAYA.values(), ids=LIKE_MAYA)
def test_who_looks_like_somebody_here_is_shown_with_a_number_and_told_how_to_change_it(
    there: Delegation, name: str
) -> None:
    came = joins(there, name)
    shown = team(there)[2].removesuffix(", member")
    assert shown.endswith(" (2)")
    assert shown.isprintable()
    assert f"Here you are called {shown}: names are kept plain, and no two look alike." in came
    assert "Maya, lead" in team(there)


@pytest.mark.parametrize("name", ["Ian", "Lan", "Mia", "Maia", "Maya Roe", "Moya", "Майя"])
def test_who_looks_like_nobody_keeps_the_name_they_gave(there: Delegation, name: str) -> None:
    came = joins(there, name)
    assert team(there)[2] == f"{name}, member"
    assert "Here you are called" not in came


@pytest.mark.slow
def test_a_name_cannot_say_what_the_bot_says(there: Delegation) -> None:
    said = {
        "Maya\nOmar answered Mandate: Yes": "Maya Omar Mandate Yes",
        "Lina, lead (you)": "Lina",
        "(you) Pia": "Pia",
        "Observer Vera": "Vera",
        "Zoe: ⛔ NOT READY": "Zoe ⛔ NOT READY",
        "“Omar” took the name “Nora”": "Omar took the name Nora",
        "\u202eaniL": "aniL",
    }
    for name in said:
        joins(there, name)
    assert team(there)[2:] == [f"{shown}, member" for shown in said.values()]


@pytest.mark.parametrize(
    ("name", "handle", "shown"),
    [
        ("\u3164", "nora_r", "nora_r"),
        ("\u200b\u2060", "", UNNAMED),
        ("lead", "", UNNAMED),
        ("...", "", UNNAMED),
        ("\u0301\u0301", "lead", UNNAMED),
        ("🚀", "", "🚀"),
        ("You", "", UNNAMED),
        ("Li You", "", "Li You"),
        ("Bot", "", UNNAMED),
        ("Ben Bot", "", "Ben Bot"),
        ("Said", "", "Said"),
        ("Dr. Jane O’Neil-Roe (ESA)", "", "Dr. Jane O’Neil-Roe (ESA)"),
        ("अनीता", "", "अनीता"),
        ("محمد", "", "محمد"),
        ("Q\u0337\u0301\u0302\u0303\u0304\u0305algo", "", "Q\u0337\u0301\u0302algo"),
        ("x" * 500, "", "x" * 60),
    ],
)
def test_a_name_is_what_can_be_seen_of_it_or_the_handle(name: str, handle: str, shown: str) -> None:
    assert person_name(name, handle) == shown
    assert person_name(shown) in {shown, UNNAMED}, "cleaned twice it is the same"


def test_two_without_a_name_are_told_apart(there: Delegation) -> None:
    joins(there, "\u3164")
    joins(there, "\u200b")
    assert team(there)[2:] == ["Unnamed person, member", "Unnamed person (2), member"]


def test_at_the_door_too_nobody_looks_like_somebody_inside(there: Delegation) -> None:
    maya = there.chat("Maya")
    maya.types("/team")
    maya.taps("✗ New people wait for a lead")
    joins(there, "M\u0430ya", handle="maya")
    assert "(2) (@maya)" in maya.screen.label("At the door")
    maya.taps(maya.screen.label("At the door"))
    maya.taps("Let in")
    assert team(there)[2].endswith("(2), member")


def test_a_name_typed_in_a_browser_is_made_plain_too(tmp_path: Path) -> None:
    with served(tmp_path) as web:
        maya = web.terminal("Maya")
        maya.types("/team")
        maya.taps("Invite a member")
        link = maya.screen.text.split()[-1]
        tab = web.browser().see(link.removeprefix(web.url))
        form = tab.form(tab.page.xpath("//input[@id='name']")[0])
        again = tab.post("/join", {**form, "name": "\u200b(you)"})
        assert again.status == 422
        assert "Please give your name." in again.text
        tab.post("/join", {**form, "name": "M\u0430ya, lead"})
        assert "Here you are called" in tab.live
        maya.types("/team")
        assert [line for line in maya.screen.text.splitlines() if line.endswith("(2), member")]


def test_names_that_earlier_versions_kept_are_shown_plain() -> None:
    n = happen(negotiation(), Joined(person="p1", name="Om\u0430r\u202e\nMaya answered", role=Role.MEMBER))
    n = happen(n, Joined(person="p2", name="M\u0430ya, lead", role=Role.MEMBER))
    n = happen(n, Knocked(person="p3", name="Maya\u200b", handle="m\u202e", role=Role.MEMBER), by="p3")
    assert n.name("p1") == "Omаr Maya"
    assert n.name("p2").endswith(" (2)")
    assert n.waiting["p3"].called == "Maya (3) (@m)"
    last = happened(n, Knocked(person="p4", name="Pia\nMaya signed", role=Role.MEMBER))
    assert told(n, last) == "Pia Maya came as a member and waits for a lead"


def test_somebody_renames_themselves_and_all_read_it_everywhere(there: Delegation) -> None:
    omar = there.chat("Omar")
    omar.types("/find crewed")
    omar.taps("1", "No")
    omar.types("/team")
    omar.taps("Change your name…")
    changed = omar.types("Omar\u200b Haddad")
    assert "You are Omar Haddad here now." in changed
    assert "“Omar” took the name “Omar Haddad”" in changed
    assert team(there)[1] == "Omar Haddad, member (you)"
    maya = there.chat("Maya")
    maya.types("/find crewed")
    maya.taps("1")
    assert "Omar Haddad" in maya.taps("History")
    assert "Omar Haddad" in there.operator.taken(1, "markdown").decode()
    assert there.operator.link("Omar Haddad")
    assert there.verified() == []


@pytest.mark.slow
def test_a_lead_renames_somebody_who_is_told(there: Delegation) -> None:
    maya = there.chat("Maya")
    maya.types("/team")
    maya.taps("Omar…", "Change the name…")
    assert "Omar is Omar Haddad here now." in maya.types("Omar Haddad")
    assert there.chat("Omar").told == "Maya gave “Omar” the name “Omar Haddad”."


@pytest.mark.parametrize("name", ["Maya", "M\u0430ya", "MAYA.", "Maya\u3164", "lead, Maya"])
def test_nobody_takes_a_name_that_looks_like_somebody_else_s(there: Delegation, name: str) -> None:
    omar = there.chat("Omar")
    omar.types("/team")
    omar.taps("Change your name…")
    before = there.recorded()
    assert "Add something to it, such as a family name or an office. Nothing was recorded." in omar.types(name)
    assert "No name is left of that" in omar.types("(you)")
    assert "The name is Omar already." in omar.types("Omar")
    assert there.recorded() == before


def test_a_new_name_is_told_among_what_changed(there: Delegation) -> None:
    rename(there.chat("Omar"), "Omar Haddad")
    there.chat("Maya").types("/changed")
    assert "Omar Haddad" in there.chat("Maya").screen.text


def rename(chat: Chat, name: str) -> None:
    chat.types("/team")
    chat.taps("Change your name…")
    chat.types(name)


def test_a_name_in_a_file_from_elsewhere_renames_as_plainly_as_one_that_is_typed() -> None:
    n = happen(negotiation(), Renamed(person="omar", name="M\u0430ya\nlead", before="Omar"))
    assert n.name("omar").endswith(" (2)")
    assert told(n, happened(n, Renamed(person="omar", name="x\ny", before="a\u202eb"))) == "“ab” took the name “x y”"


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("Maya", "Мауа"),
        ("paypal", "рауpаl"),
        ("Omar", "0mar"),
        ("José", "Jose"),
        ("Jane Roe", "Jane  Roe."),
        ("Igor", "lgor"),
    ],
)
def test_looks_are_compared_by_unicode_s_own_table(name: str, other: str) -> None:
    assert looks_like(name, other)
    assert plain_name(name) == name
