"""Each route of the pages asks for the permission that it names, and for no other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from starlette.routing import Route

from bot.domain.access.permissions import Permission
from bot.web.conversation import routes
from tests.api import Hooks, on
from tests.browsers import Web, served

pytestmark = pytest.mark.slow


@dataclass(frozen=True)
class Named:
    """A route that names a permission, with an address that leads to it."""

    method: str
    path: str
    verb: Permission


@pytest.fixture
def web(tmp_path: Path) -> Iterator[Web]:
    with served(tmp_path) as made:
        yield made


def named(web: Web) -> Iterator[Named]:
    """Every route of the site that names a permission, as Omar opens it."""
    for mount in routes(web.site):
        for route in mount.routes or ():
            verb = vars(route.endpoint).get("verb") if isinstance(route, Route) else None
            if verb is not None:
                path = route.path.format(person=web.people["Omar"], key="x")
                query = f"?as={web.people['Omar']}" if path == "/live" else ""
                method = "POST" if "POST" in route.methods else "GET"
                yield Named(method, f"{path}{query}", verb)


def statuses(web: Web, name: str) -> dict[Named, int]:
    """How each of them answers somebody; of a stream that does not end, only the beginning is read."""
    tab = web.browser()
    tab.client.cookies.set("readiness", web.signs_in(name))
    found = {}
    for one in named(web):
        with tab.client.stream(one.method, one.path) as answer:
            found[one] = answer.status_code
    return found


def test_who_lacks_the_permission_that_a_route_names_finds_nothing_there_and_all_else_as_before(web: Web) -> None:
    before = statuses(web, "Omar")
    verbs = {one.verb for one in before}
    assert verbs >= {Permission.WAIT, Permission.COME, Permission.LOOK}
    assert 404 not in before.values()
    for verb in verbs:
        with on("forbids", verb):
            now = statuses(web, "Omar")
        assert now == {one: 404 if one.verb is verb else status for one, status in before.items()}


def test_who_belongs_nowhere_any_more_finds_nothing_where_a_route_names_more_than_being_signed_in(web: Web) -> None:
    maya = web.as_("Maya")
    maya.write("/team").tap("Omar…").tap("Remove…").tap("Remove")
    found = statuses(web, "Omar")
    assert {status for one, status in found.items() if one.verb is not Permission.WAIT} == {404}
    tab = web.as_("Omar")
    assert "China" not in tab.text


def test_no_page_is_shown_whose_route_names_nothing(web: Web, faults: Hooks) -> None:
    """Control: the walk would miss a route whose page is shown without being asked for."""
    faults.on("forbids", Permission.WAIT)
    assert web.as_("Omar").status == 404
