"""Who is known, who sits where, and by what they come in: the part of a transaction about people."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sqlalchemy.exc import IntegrityError

from bot.storage import statements as sql
from bot.storage.errors import Conflict, duplicate
from bot.storage.integrity.membership_digest import DigestKeeper
from bot.storage.records import ChatRow, FileRow, InviteRow, LastSeenRow, PersonRow

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy import Executable


class PeopleRepository(DigestKeeper):
    """What `bot.storage.UnitOfWork` can do about people, and how it asks the database."""

    _run: Any  # the transaction's, which settles first
    _seats: dict[str, list[tuple[int, str]]]  # of persons whose chats are locked

    # Persons

    def person(self, id: str) -> PersonRow | None:  # noqa: A002
        """A person by the store's own id."""
        row = self._run(sql.person, {"the_id": id}).first()
        return None if row is None else PersonRow(*row)

    def person_by_telegram(self, telegram_id: int) -> PersonRow | None:
        """A person by the Telegram account linked to them."""
        row = self._run(sql.person_by_telegram, {"the_telegram_id": telegram_id}).first()
        return None if row is None else PersonRow(*row)

    def persons_by_telegram(self, telegram_ids: Sequence[int]) -> list[PersonRow]:
        """The persons of these Telegram accounts, as many as are known."""
        return [PersonRow(*row) for row in self._run(sql.persons_by_telegram, {"telegram_ids": telegram_ids})]

    def persons(self) -> list[PersonRow]:
        """Everybody, in the order in which they joined."""
        return [PersonRow(*row) for row in self._run(sql.all_persons)]

    def add_person(self, person: PersonRow) -> None:
        """Add a person. Conflict when the id or the Telegram account is taken."""
        mac = self._person_mac(person)
        with unless_taken(f"person {person.id}"):
            self._run(sql.add_person, values(person) | {"mac": mac})
        self._enter(mac)

    def link_person(self, id: str, telegram_id: int | None) -> None:  # noqa: A002
        """Link a Telegram account to a person. Conflict when it is somebody else's."""
        with unless_taken(f"Telegram account of {id}"):
            self._rewrite(replace(self._to_change(id), telegram_id=telegram_id))

    def make_lead(self, id: str) -> None:  # noqa: A002
        """Let a person open negotiations."""
        self._rewrite(replace(self._to_change(id), lead=True))

    def any_lead(self) -> bool:
        """Whether anybody on Telegram may open negotiations yet; the terminal's people cannot lead there."""
        return bool(self._run(sql.any_lead).scalar())

    # The office: small settings that belong to no person

    def set_office(self, key: str, value: str) -> None:
        """Keep a value under a key, in place of what was there."""
        self._run(sql.put_office, {"key": key, "value": value})

    def move_office(self, key: str, before: str, value: str) -> bool:
        """Keep a value in place of one that sorts below ``before``; False when it is not, or not there."""
        return self._count(sql.move_office, the_key=key, before=before, new_value=value) == 1

    def get_office(self, key: str) -> str | None:
        """The value under a key."""
        return self._text(sql.get_office, the_key=key)

    def del_office(self, key: str) -> None:
        """Forget a key; no matter if there is none."""
        self._run(sql.del_office, {"the_key": key})

    # Seats

    def seats_of(self, person: str) -> list[tuple[int, str]]:
        """Where a person sits: (negotiation, role)."""
        if (known := self._seats.get(person)) is not None:
            return known
        return [(row.negotiation, row.role) for row in self._run(sql.seats_of, {"the_person": person})]

    def seats_at(self, negotiation: int) -> list[tuple[str, str]]:
        """Who sits at a negotiation: (person, role)."""
        found = self._run(sql.seats_at, {"the_negotiation": negotiation})
        return [(row.person, row.role) for row in found]

    def sit(self, negotiation: int, person: str, role: str) -> None:
        """Seat a person, or give them another role."""
        self._seats.pop(person, None)
        self._run(sql.sit, {"negotiation": negotiation, "person": person, "role": role})

    def rise(self, negotiation: int, person: str) -> None:
        """Take a person's seat away; no matter if there is none."""
        self._seats.pop(person, None)
        self._run(sql.rise, {"the_negotiation": negotiation, "the_person": person})

    # Invites

    def add_invite(self, invite: InviteRow) -> None:
        """Keep an invite. Conflict when its hash is known."""
        with unless_taken("invite"):
            self._run(sql.add_invite, values(invite))
        self._enter_invite(invite)

    def invite(self, hash: str) -> InviteRow | None:  # noqa: A002
        """An invite by the hash of its secret, used or not, expired or not."""
        row = self._run(sql.invite, {"the_hash": hash}).first()
        return None if row is None else InviteRow(*row)

    def use_invite(self, hash: str, at: str) -> bool:  # noqa: A002
        """Use an invite up; False when somebody did so before. Its end date is the caller's to judge."""
        invite = self.invite(hash)
        if invite is None or self._count(sql.use_invite, the_hash=hash, at=at) != 1:
            return False
        self._enter_invite(invite)
        return True

    def open_invites(self, negotiation: int, now: str) -> int:
        """How many invitations to a negotiation are neither used nor expired."""
        return self._number(sql.open_invites, the_negotiation=negotiation, now=now) or 0

    # Looks

    def look(self, person: str, negotiation: int) -> LastSeenRow | None:
        """How far a person has seen a negotiation."""
        row = self._run(sql.look, {"the_person": person, "the_negotiation": negotiation}).first()
        return None if row is None else LastSeenRow(*row)

    def looked(self, look: LastSeenRow) -> None:
        """Keep how far a person has seen a negotiation, in place of what was there."""
        self._run(sql.put_look, values(look))

    # How the above is done

    def _count(self, statement: Executable, **values: object) -> int:
        return int(self._run(statement, values).rowcount)

    def _rewrite(self, person: PersonRow) -> None:
        mac = self._person_mac(person)
        new = {"telegram_id": person.telegram_id, "lead": person.lead, "mac": mac}
        self._run(sql.change_person, {"the_id": person.id} | new)
        self._enter(mac)

    def _text(self, statement: Executable, **values: object) -> str | None:
        found: str | None = self._run(statement, values).scalar()
        return found

    def _number(self, statement: Executable, **values: object) -> int | None:
        found: int | None = self._run(statement, values).scalar()
        return found


def values(row: PersonRow | InviteRow | ChatRow | FileRow | LastSeenRow) -> dict[str, Any]:
    """A row by column; `dataclasses.asdict` would copy every value and costs five times as much."""
    return {name: getattr(row, name) for name in row.__slots__}


@contextmanager
def unless_taken(what: str) -> Iterator[None]:
    """Turn a key that is already there into a Conflict."""
    try:
        yield
    except IntegrityError as error:
        if duplicate(error):
            msg = f"There is already: {what}."
            raise Conflict(msg) from error
        raise
