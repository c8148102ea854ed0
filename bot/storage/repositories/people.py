"""Who is known, who sits where, and by what they come in: the part of a transaction about people."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sqlalchemy.exc import IntegrityError

from bot.storage import statements as sql
from bot.storage.errors import Conflict, duplicate
from bot.storage.integrity.encryption import Tampered
from bot.storage.integrity.membership_digest import COUNTED, DigestKeeper
from bot.storage.integrity.row_macs import SEAT_LABEL
from bot.storage.records import ChatRow, FileRow, InviteRow, LastSeenRow, PersonRow

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sqlalchemy import Executable


class PeopleRepository(DigestKeeper):
    """What `bot.storage.UnitOfWork` can do about people, and how it asks the database."""

    _run: Any  # the transaction's, which settles first
    _seats: dict[str, list[tuple[int, str]]]  # of persons whose chats are locked

    # Persons

    def person(self, id: str, *, write: bool = False) -> PersonRow | None:  # noqa: A002
        """A person by the store's own id; to write, others wait."""
        row = self._run(sql.lock_person if write else sql.person, {"the_id": id}).first()
        return None if row is None else self._person(row)

    def person_by_telegram(self, telegram_id: int) -> PersonRow | None:
        """A person by the Telegram account linked to them."""
        row = self._run(sql.person_by_telegram, {"the_telegram_id": telegram_id}).first()
        return None if row is None else self._person(row)

    def persons_by_telegram(self, telegram_ids: Sequence[int]) -> list[PersonRow]:
        """The persons of these Telegram accounts, as many as are known."""
        return self._persons(self._run(sql.persons_by_telegram, {"telegram_ids": telegram_ids}))

    def persons(self) -> list[PersonRow]:
        """Everybody, in the order in which they joined."""
        return self._persons(self._run(sql.all_persons))

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
        return any(person.lead and person.telegram_id is not None for person in self.persons())

    # The office: small settings that belong to no person

    def set_office(self, key: str, value: str) -> None:
        """Keep a value under a key, in place of what was there."""
        if key in COUNTED:
            self._offices[key] = value
        else:
            self._run(sql.put_office, {"key": key, "value": value, "mac": self._office_mac(key, value)})

    def move_office(self, key: str, before: str, value: str) -> bool:
        """Keep a value in place of one that sorts below ``before``; False when it is not, or not there.

        ValueError for what is counted, of which the value before has to be known.
        """
        if key in COUNTED:
            raise ValueError(key)
        moved = {"the_key": key, "before": before, "new_value": value, "new_mac": self._office_mac(key, value)}
        return self._count(sql.move_office, **moved) == 1

    def get_office(self, key: str) -> str | None:
        """The value under a key. Tampered where somebody else wrote it."""
        if key in self._offices:
            return self._offices[key]
        row = self._run(sql.get_office, {"the_key": key}).first()
        if row is None:
            return None
        value: str = row.value
        if not self._is_ours(f"office {key}", self._office_mac(key, value), row.mac):
            msg = f"office {key}: changed, or put there by hand"
            raise Tampered(msg)
        return value

    def del_office(self, key: str) -> None:
        """Forget a key; no matter if there is none."""
        if key in COUNTED:
            self._offices[key] = None
        else:
            self._run(sql.del_office, {"the_key": key})

    def take_office(self, key: str, value: str) -> bool:
        """Take away what is counted, where it still is this value; False when somebody else was first."""
        self._roll(sql.lock_office)  # before the row, as whoever settles the office does
        mac = self._office_mac(key, value)
        if self._count(sql.take_office, the_key=key, the_value=value, the_mac=mac) != 1:
            return False
        self._count_in(office=mac)
        return True

    # Seats

    def seats_of(self, person: str) -> list[tuple[int, str]]:
        """Where a person sits: (negotiation, role)."""
        if (known := self._seats.get(person)) is not None:
            return known
        return [(row.negotiation, row.role) for row in self._seats_in(self._run(sql.seats_of, {"the_person": person}))]

    def seats_at(self, negotiation: int) -> list[tuple[str, str]]:
        """Who sits at a negotiation: (person, role)."""
        found = self._run(sql.seats_at, {"the_negotiation": negotiation})
        return [(row.person, row.role) for row in self._seats_in(found)]

    def sit(self, negotiation: int, person: str, role: str) -> None:
        """Seat a person, or give them another role."""
        self._seats.pop(person, None)
        mac = self._row_mac(SEAT_LABEL, negotiation, person, role)
        self._run(sql.sit, {"negotiation": negotiation, "person": person, "role": role, "mac": mac})

    def rise(self, negotiation: int, person: str) -> None:
        """Take a person's seat away; no matter if there is none."""
        self._seats.pop(person, None)
        self._run(sql.rise, {"the_negotiation": negotiation, "the_person": person})

    # Invites

    def add_invite(self, invite: InviteRow) -> None:
        """Keep an invite. Conflict when its hash is known."""
        with unless_taken("invite"):
            self._run(sql.add_invite, values(invite) | {"mac": self._invite_mac(invite)})
        self._enter_invite(invite)

    def invite(self, hash: str) -> InviteRow | None:  # noqa: A002
        """An invite by the hash of its secret, used or not, expired or not; None for one that somebody else wrote."""
        return next(iter(self._invites_in(self._run(sql.invite, {"the_hash": hash}))), None)

    def use_invite(self, hash: str, at: str) -> bool:  # noqa: A002
        """Use an invite up; False when somebody did so before. Its end date is the caller's to judge."""
        invite = self.invite(hash)
        return invite is not None and invite.is_open and self._change_invite(invite, replace(invite, used_at=at))

    def run_out(self, invite: InviteRow, at: str) -> bool:
        """Note that an invite's time was over at a moment, for good; False when somebody was first."""
        return invite.is_open and self._change_invite(invite, replace(invite, ran_out_at=at))

    def renew_invite(self, hash: str, expires_at: str) -> bool:  # noqa: A002
        """Let an invite that was not used be good until a moment; False when it was used, or is not there."""
        invite = self.invite(hash)
        if invite is None or invite.used_at is not None:
            return False
        return self._change_invite(invite, replace(invite, expires_at=expires_at, ran_out_at=None))

    def overdue_invites(self, now: str, limit: int) -> list[InviteRow]:
        """Open invites whose time is over, and of which nobody noted it yet."""
        return self._invites_in(self._run(sql.overdue, {"now": now, "at_most": limit}))

    def lapsed_invites(self, negotiation: int, limit: int) -> list[InviteRow]:
        """The last invitations to a negotiation, for nobody in particular, that ran out before anybody used them."""
        found = self._run(sql.lapsed_at, {"the_negotiation": negotiation, "at_most": limit})
        return self._invites_in(found)

    def open_invites(self, negotiation: int, now: str) -> int:
        """How many invitations to a negotiation are neither used nor expired."""
        there = self._invites_in(self._run(sql.open_at, {"the_negotiation": negotiation}))
        return sum(invite.expires_at > now for invite in there)

    # Looks

    def look(self, person: str, negotiation: int) -> LastSeenRow | None:
        """How far a person has seen a negotiation."""
        row = self._run(sql.look, {"the_person": person, "the_negotiation": negotiation}).first()
        return None if row is None else LastSeenRow(*row)

    def looked(self, look: LastSeenRow) -> None:
        """Keep how far a person has seen a negotiation, in place of what was there."""
        self._run(sql.put_look, values(look))

    # How the above is done

    def _persons(self, rows: Iterable[Sequence[Any]]) -> list[PersonRow]:
        return [person for row in rows if (person := self._person(row)) is not None]

    def _seats_in(self, rows: Iterable[Any]) -> list[Any]:
        """The seats that we gave; no other counts."""
        return [row for row in rows if self._is_seat(row.negotiation, row.person, row.role, row.mac)]

    def _is_seat(self, negotiation: int, person: str, role: str, mac: bytes | None) -> bool:
        what = f"the seat of {person} at negotiation {negotiation}"
        return self._is_ours(what, self._row_mac(SEAT_LABEL, negotiation, person, role), mac)

    def _invites_in(self, rows: Iterable[Sequence[Any]]) -> list[InviteRow]:
        """The invitations that we made, as we left them."""
        found = ((InviteRow(*columns), mac) for *columns, mac in rows)
        return [invite for invite, mac in found if self._is_invite(invite, mac)]

    def _is_invite(self, invite: InviteRow, mac: bytes | None) -> bool:
        return self._is_ours(f"invitation {invite.hash[:12]}…", self._invite_mac(invite), mac)

    def _change_invite(self, before: InviteRow, then: InviteRow) -> bool:
        changed = {name: getattr(then, name) for name in ("expires_at", "used_at", "ran_out_at")}
        macs = {"the_mac": self._invite_mac(before), "new_mac": self._invite_mac(then)}
        if self._count(sql.change_invite, the_hash=before.hash, **macs, **changed) != 1:
            return False
        self._enter_invite(before)
        self._enter_invite(then)
        return True

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
