"""Who stands in a file that is taken in, and who of them somebody here is.

An id in a file says nothing: whoever wrote the file chose it. A person of the file is somebody here only if the
operator says so; everybody else is new, also under an id that is taken here.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from bot.domain.events import Joined, Knocked, PersonId, Role
from bot.domain.negotiation import Happened, Negotiation
from bot.storage import PersonRow

NEW = "new"  # what the operator writes for a person of the file who is nobody here


@dataclass(frozen=True, slots=True)
class FilePerson:
    """A person of the file: ``role`` is the seat they get, None for who left or waits; ``here`` has their id here."""

    id: PersonId
    name: str
    role: Role | None
    here: PersonRow | None

    @property
    def seat(self) -> str:
        """What they get, in words."""
        return f"a seat as {self.role}" if self.role else "no seat"


def people_of(n: Negotiation, happened: Iterable[Happened], known: Mapping[PersonId, PersonRow]) -> list[FilePerson]:
    """Everybody who joined, or waited at the door, in that order."""
    named = {
        change.event.person: change.event.name for change in happened if isinstance(change.event, Joined | Knocked)
    }
    return [FilePerson(person, name, n.role(person), known.get(person)) for person, name in named.items()]


def chosen_ids(
    people: Iterable[FilePerson], choice: Mapping[PersonId, str], taken: Iterable[PersonId]
) -> dict[PersonId, PersonId]:
    """Under which id each person of the file is taken in. ``taken``: the ids of people here.

    An id that nobody has here stays, so that what goes out again is equal.
    """
    here = set(taken)
    ids: dict[PersonId, PersonId] = {}
    for person in people:
        chosen = choice.get(person.id, NEW)
        if chosen == NEW:
            chosen = person.id if person.id not in here else "p" + secrets.token_hex(5)
        ids[person.id] = chosen
    return ids


def as_chosen(happened: Iterable[Happened], ids: Mapping[PersonId, PersonId]) -> tuple[Happened, ...]:
    """What happened, with everybody under the id that was chosen for them."""
    return tuple(_as_chosen(change, ids) for change in happened)


def _as_chosen(happened: Happened, ids: Mapping[PersonId, PersonId]) -> Happened:
    event = happened.event
    changed: dict[str, object] = {}
    if isinstance(person := getattr(event, "person", None), str):
        changed["person"] = ids.get(person, person)
    if isinstance(people := getattr(event, "people", None), tuple):
        changed["people"] = tuple(ids.get(member, member) for member in people)
    by = ids.get(happened.by, happened.by) if happened.by else None
    return replace(happened, by=by, event=event.model_copy(update=changed) if changed else event)
