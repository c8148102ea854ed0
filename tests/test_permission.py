"""One table says who may do what; whatever can be shown, recorded, said or called names its verb in it."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import ClassVar, get_args

import pytest

from bot.dialog.callback_data import kinds
from bot.dialog.contract import Message, Place
from bot.dialog.engine import COMMANDS
from bot.dialog.refusals import ASKED, entry
from bot.dialog.screens.partner_release import InternalItem
from bot.dialog.screens.shortest_path import ShortestPath
from bot.dialog.screens.unknowns import UnknownDetail
from bot.dialog.screens.void_warning import ConfirmVoid
from bot.domain.access.permissions import EVENTS, OPERATOR, RULES, Actor, Permission, Resource, authorise, permission_of
from bot.domain.events import AnyEvent, Archived, Joined, Knocked, Left, Restricted, Role
from bot.domain.events.base import of_section
from bot.domain.negotiation import Negotiation
from tests.api import Context
from tests.api import context as room_of
from tests.factories import happen, negotiation
from tests.places import every_place

NOW = datetime(2027, 1, 15, 10, tzinfo=UTC)
ABOUT = {"item", "target", "spot", "marked", "section"}  # what fields are called, most often, that tell it
WEB = Path(__file__).parent.parent / "bot" / "web"

# Who may do what to what. Members and observers marked ° are kept out of one section.
#
# lead      leads these talks          elsewhere  leads other talks, may open some
# removed   was in these, is in others  stranger  belongs nowhere, or nowhere any more
# invited   brings an invitation        operator  at the server's command line
NOBODY = ""
INSIDE = "lead member member° observer"
TABLE: dict[tuple[str, str], str] = {
    ("wait", "open section"): f"{INSIDE} elsewhere removed stranger invited operator",
    ("wait", "kept section"): "lead member observer elsewhere removed stranger invited operator",
    ("wait", "put away"): f"{INSIDE} elsewhere removed stranger invited operator",
    ("wait", "no talks"): f"{INSIDE} elsewhere removed stranger invited operator",
    ("come", "open section"): f"{INSIDE} elsewhere removed",
    ("come", "kept section"): "lead member observer elsewhere removed",
    ("come", "put away"): f"{INSIDE} elsewhere removed",
    ("come", "no talks"): f"{INSIDE} elsewhere removed",
    ("open", "open section"): "elsewhere operator",
    ("open", "kept section"): "elsewhere operator",
    ("open", "put away"): "elsewhere operator",
    ("open", "no talks"): "elsewhere operator",
    ("enter", "open section"): "invited operator",
    ("enter", "kept section"): "invited operator",
    ("enter", "put away"): "invited operator",
    ("enter", "no talks"): "invited operator",
    ("look", "open section"): INSIDE,
    ("look", "kept section"): "lead member observer",
    ("look", "put away"): INSIDE,
    ("look", "no talks"): NOBODY,
    ("take_away", "open section"): f"{INSIDE} operator",
    ("take_away", "kept section"): "lead member observer operator",
    ("take_away", "put away"): f"{INSIDE} operator",
    ("take_away", "no talks"): "operator",
    ("take_whole", "open section"): "lead member observer operator",
    ("take_whole", "kept section"): "lead member observer operator",
    ("take_whole", "put away"): "lead member observer operator",
    ("take_whole", "no talks"): "operator",
    ("answer", "open section"): "lead member member°",
    ("answer", "kept section"): "lead member",
    ("answer", "put away"): NOBODY,
    ("answer", "no talks"): NOBODY,
    ("leave", "open section"): INSIDE,
    ("leave", "kept section"): "lead member observer",
    ("leave", "put away"): INSIDE,
    ("leave", "no talks"): NOBODY,
    ("lead", "open section"): "lead",
    ("lead", "kept section"): "lead",
    ("lead", "put away"): NOBODY,
    ("lead", "no talks"): NOBODY,
    ("order", "open section"): "lead",
    ("order", "kept section"): "lead",
    ("order", "put away"): "lead",
    ("order", "no talks"): NOBODY,
    ("operate", "open section"): "operator",
    ("operate", "kept section"): "operator",
    ("operate", "put away"): "operator",
    ("operate", "no talks"): "operator",
}
WHO = {
    "lead": Actor("maya", belongs=True),
    "member": Actor("omar", belongs=True),
    "member°": Actor("nina", belongs=True),
    "observer": Actor("lina", belongs=True),
    "elsewhere": Actor("vera", belongs=True, opens=True),
    "removed": Actor("jin", belongs=True),
    "stranger": Actor("nobody"),
    "invited": Actor("pia", invited=True),
    "operator": OPERATOR,
}


def delegation() -> Negotiation:
    """Maya leads, Omar and Nina are members, Lina observes, Jin was removed; the gate is kept from Nina."""
    n = negotiation()
    for person, role in (("nina", Role.MEMBER), ("lina", Role.OBSERVER), ("jin", Role.MEMBER)):
        n = happen(n, Joined(person=person, name=person.capitalize(), role=role))
    n = happen(n, Left(person="jin"), by="maya")
    return happen(n, Restricted(section="gate", people=("omar", "lina")), by="maya")


def what(named: str) -> Resource:
    n = delegation()
    match named:
        case "open section":
            return Resource(n, (of_section("transparency"), "goals"))
        case "kept section":
            return Resource(n, (of_section("gate"), "mandate"))
        case "put away":
            return Resource(happen(n, Archived(archived=True), by="maya"))
        case _:
            return Resource()


def test_the_table_asks_of_every_verb_and_every_object() -> None:
    objects = {named for _, named in TABLE}
    assert set(TABLE) == {(verb, named) for verb in Permission for named in objects}
    assert set(RULES) == set(Permission)


@pytest.mark.slow
@pytest.mark.parametrize("who", WHO)
@pytest.mark.parametrize(("verb", "named"), TABLE)
def test_who_may_do_what_to_what(verb: str, named: str, who: str) -> None:
    allowed = authorise(WHO[who], Permission(verb), what(named)) is None
    assert allowed == (who in TABLE[verb, named].split())


@pytest.mark.parametrize("who", ["elsewhere", "removed", "stranger"])
@pytest.mark.parametrize("verb", ["look", "take_away", "take_whole", "answer", "leave", "lead", "order"])
def test_to_who_is_not_in_it_talks_and_no_talks_are_the_same(verb: str, who: str) -> None:
    """Whether a section is kept, or talks put away, or there at all, is no business of theirs."""
    answers = {authorise(WHO[who], Permission(verb), what(named)) for named in ("kept section", "put away", "no talks")}
    assert len(answers) == 1
    assert answers != {None}


# Whatever there is names its verb


def places() -> list[type[Place]]:
    return [one for code, one in sorted(kinds().items()) if code]


def undeclared(classes: Iterable[type[Place]]) -> list[str]:
    """The places that do not say themselves what is needed to stand there."""
    return [one.__name__ for one in classes if not isinstance(vars(one).get("verb"), Permission)]


def test_every_place_declares_what_it_takes_to_stand_there() -> None:
    """And with it every button: a tap is heard by the place in it."""
    assert len(places()) > 60
    assert undeclared(places()) == []


def about(kind: type[Place]) -> set[str]:
    """The fields of a place whose words are among what it says it is about, by themselves or as a section."""
    named = {
        field.name: f"x{nth}" for nth, field in enumerate(fields(kind)) if field.type not in ("int", "tuple[str, ...]")
    }  # type: ignore[arg-type]
    said = set(kind(**{**{field.name: () for field in fields(kind)}, **named}).targets)  # type: ignore[arg-type]
    return {name for name, value in named.items() if {value, of_section(value)} & said}


def test_every_place_says_itself_what_it_is_about() -> None:
    """Whatever its fields are called: a state that is aimed at is no target, and a section is one."""
    assert [one.__name__ for one in places() if "targets" not in vars(one)] == []
    told = {one: about(one) for one in places() if one is not ConfirmVoid}
    silent = {
        one.__name__ for one, names in told.items() if not names and {field.name for field in fields(one)} & ABOUT
    }  # type: ignore[arg-type]
    assert silent == {"ShortestPath"}
    assert told[ShortestPath] == set()
    assert told[InternalItem] == {"marked"}
    assert told[UnknownDetail] == {"spot"}


def test_a_place_without_a_declaration_is_found() -> None:
    """Control: neither a place that forgets it, nor one that only inherits it, passes."""

    class Forgetful(Place):
        code: ClassVar[str] = "??"

        def render(self, context: Context) -> Message:  # noqa: ARG002
            return Message("", "")

    class Heir(places()[0]):  # type: ignore[misc]  # a class found at run time
        code = "!!"

    assert undeclared([*places(), Forgetful, Heir]) == ["Forgetful", "Heir"]


def test_every_place_is_known_to_the_wire() -> None:
    """A place that no button and no chat can name would be missed by the walk."""
    assert every_place() == set(kinds().values())


def test_every_event_has_its_verb() -> None:
    assert set(EVENTS) == set(get_args(AnyEvent))


def test_every_refusal_to_who_does_not_lead_says_what_leads_do() -> None:
    by_leads = {kind for kind, verb in EVENTS.items() if verb in {Permission.LEAD, Permission.ORDER}}
    assert by_leads <= set(ASKED)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_open_to_exactly_whom_its_place_is(name: str) -> None:
    place, _ = COMMANDS[name]
    for who in ("maya", "omar", "lina", "stranger"):
        n = delegation()
        here = room_of(n if n.role(who) else None, who, now=NOW)
        assert (entry(here, place) is None) == (n.role(who) is not None)


def test_somebody_at_the_door_is_let_in_by_leads_alone() -> None:
    n = happen(delegation(), Knocked(person="pia", name="Pia", role=Role.MEMBER), by="pia")
    let_in = Joined(person="pia", name="Pia", role=Role.MEMBER)
    assert [
        who for who in WHO if authorise(WHO[who], permission_of(let_in, WHO[who].person, n), Resource(n)) is None
    ] == ["lead"]


# Web routes


@dataclass(frozen=True)
class Found:
    """A route in a module's text, and whether its endpoint is declared."""

    where: str
    declared: bool


ROUTES = {"Route", "WebSocketRoute", "Mount", "Host", "add_route", "add_websocket_route", "mount", "api_route"}
DECLARED = {"needs", "open_to_all"}


def routes(module: str, text: str) -> Iterator[Found]:
    """Every route that a module makes."""
    tree = ast.parse(text)
    made = {
        node.name: {_called(one) for one in node.decorator_list}
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Call)
            and _called(node) in ROUTES
            and "routes" not in {one.arg for one in node.keywords}
        ):
            given = [*node.args[1:], *(one.value for one in node.keywords if one.arg in {"endpoint", "app", "route"})]
            endpoint = given[0] if given else node
            declares = {_called(endpoint), *made.get(_called(endpoint), set())}
            yield Found(f"{module}:{node.lineno}", declared=bool(DECLARED & declares))


def _called(node: ast.expr) -> str:
    """The bare name of what is named or called: ``needs`` for ``permission.needs(Verb.LOOK)(page)``."""
    while isinstance(node, ast.Call):
        node = node.func
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def test_every_web_route_declares_its_verb_or_is_open_to_all() -> None:
    found = [one for path in sorted(WEB.glob("**/*.py")) for one in routes(path.name, path.read_text("utf-8"))]
    assert [one.where for one in found if not one.declared] == []


def test_a_web_route_without_a_declaration_is_found() -> None:
    """Control: by whatever name the route is made."""
    text = """
@needs(Verb.LOOK)
async def summary(request): ...
@open_to_all
async def health(request): ...
async def secret(request): ...
class Pages:
    async def page(self, request): ...
    @permission.needs(Verb.ANSWER)
    async def answer(self, request): ...
    def routes(self):
        return [Route("/page", self.page), Route("/answer", endpoint=self.answer, methods=["POST"])]
app = Starlette(routes=[
    Route("/summary", summary), Route("/health", health), Route("/secret", secret),
    Mount("/static", StaticFiles(directory="static")), Mount("/open", open_to_all(StaticFiles(directory="open"))),
    WebSocketRoute("/live", live),
])
app.add_route("/late", secret)
"""
    found = list(routes("sample.py", text))
    bare = sorted(one.where for one in found if not one.declared)
    assert bare == [f"sample.py:{line}" for line in (12, 14, 15, 16, 18)]
    assert len(found) == 9
