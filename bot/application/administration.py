"""What the operator does from the command line: the first code, people, whole negotiations in and out."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Literal

from bot.application.documents import ordered_document, portable
from bot.application.file_types import kind_of
from bot.application.imported_people import NEW, FilePerson, as_chosen, chosen_ids, people_of
from bot.application.membership import FIRST_CODE, LATEST, LED, SLACK
from bot.application.security_log import audited
from bot.application.updates import UpdateHandler
from bot.dialog.callback_data import stored
from bot.dialog.contract import DocumentRequest
from bot.dialog.parsing.values import reader_of_files
from bot.dialog.screens.home import Home
from bot.dialog.screens.team import INVITE_DAYS, hashed
from bot.domain.access.permissions import OPERATOR, Permission, Resource, authorise
from bot.domain.events import AnyEvent, Exported, Joined, Knocked, Opened, Role
from bot.domain.export_formats import Progress, unheeded
from bot.domain.negotiation import Happened, Negotiation
from bot.domain.person_names import person_name
from bot.domain.proposed_changes import in_words
from bot.domain.sign_off import standing, state_hash
from bot.exports.json.archive import Portable, PortableFile
from bot.exports.reimport.proposals import changes
from bot.exports.reimport.reader import Unreadable
from bot.exports.reimport.reading_process import read_apart
from bot.storage import FileRow, InviteRow, PersonRow, Tampered, UnitOfWork

log = logging.getLogger(__name__)
USERNAME = "username"  # the bot's, as Telegram last told
LINK = "https://t.me/{}?start="


class NotFound(Exception):
    """What the operator named is not there, or is there already; one line says so."""


class AdminService:
    """The operator's side of a desk: whoever can run commands on the server may do all of this."""

    def __init__(self, desk: UpdateHandler) -> None:
        """Work through a desk, so that its cache and its rules hold."""
        self._desk = desk

    @contextmanager
    def _operating(self) -> Iterator[UnitOfWork]:
        with self._desk.store.transaction() as tx:
            self._authorise(None)
            yield tx

    @contextmanager
    def _reading(self) -> Iterator[UnitOfWork]:
        with self._desk.store.reading() as tx:
            self._authorise(None)
            yield tx

    def _authorise(self, n: Negotiation | None, verb: Permission = Permission.OPERATE) -> None:
        """Who can run commands on the server may do all of this; the table says so."""
        if (why := authorise(OPERATOR, verb, Resource(n))) is not None:
            raise NotFound(f"This is not the operator's to do: {why}.")

    def first_code(self) -> str | None:
        """A new one-time code for the first lead; None when somebody leads already."""
        with self._operating() as tx:
            if self._is_led(tx):
                return None
            code = self._desk.secret()
            tx.set_office(FIRST_CODE, hashed(code))
            return code

    def _is_led(self, tx: UnitOfWork) -> bool:
        """Whether anybody leads already, or was to; so it counts where somebody else wrote what tells of it."""
        try:
            tx.prove("office")
            return tx.any_lead() or tx.get_office(LED) is not None
        except Tampered as error:
            log.critical("%s. No code for a first lead is given. Run “readiness verify”.", error)
            return True

    def person(self, name: str, *, lead: bool = False) -> str:
        """The person of this name, added without Telegram when there is none."""
        with self._operating() as tx:
            found = next((person for person in tx.persons() if person_name(person.name) == person_name(name)), None)
            return (found or self._desk.doors.add(tx, name, None, lead=lead)).id

    def clock_behind(self) -> str:
        """That the clock stands behind what was noted before, and what then; empty when it does not."""
        with self._reading() as tx:
            noted = tx.get_office(LATEST)
        now = self._desk.clock()
        if noted is None or datetime.fromisoformat(noted) - now <= SLACK:
            return ""
        return (
            f"The clock of this machine says {now:%Y-%m-%d %H:%M} UTC, and {noted[:16].replace('T', ' ')} UTC was "
            "noted before. Set it right. What has run out by then stays so: leads renew it with one tap."
        )

    def audited(self) -> list[str]:
        """What was refused, a line for each day, person and kind."""
        with self._reading() as tx:
            return audited(tx)

    def people(self) -> list[PersonRow]:
        """Everybody the bot knows."""
        with self._reading() as tx:
            return tx.persons()

    def negotiations(self) -> list[tuple[int, str, str]]:
        """Every negotiation: number, counterpart, subject."""
        with self._reading() as tx:
            numbers = sorted({number for person in tx.persons() for number, _ in tx.seats_of(person.id)})
            found = [(number, self._desk.archive.load(tx, number)) for number in numbers]
        return [(number, n.counterpart, n.subject) for number, n in found]

    def open(self, person: str, opened: Opened, events: tuple[AnyEvent, ...] = ()) -> int:
        """Open a negotiation that a person leads, with what happened in it so far."""
        with self._operating() as tx:
            row = tx.person(person)
            if row is None:
                raise NotFound(person)
            joined = Joined(person=person, name=row.name, role=Role.LEAD)
            now = self._desk.clock()
            happened = tuple(
                Happened(seq, now, person, event) for seq, event in enumerate((opened, joined, *events), start=1)
            )
            number = self._desk.archive.save(tx, None, happened, None)
            chat = tx.chat(person) or self._desk.doors.new_chat(tx, row)
            tx.put_chat(replace(chat, negotiation=number, place=stored(Home()), paper=None, rev=chat.rev + 1))
            return number

    def seat(self, person: str, number: int, role: Role) -> None:
        """Seat a person at a negotiation, as an invitation would."""
        with self._operating() as tx:
            row = tx.person(person)
            if row is None:
                raise NotFound(person)
            self._desk.doors.join(tx, row, InviteRow("", number, role, None, ""))
            chat = tx.chat(person) or self._desk.doors.new_chat(tx, row)
            tx.put_chat(replace(chat, negotiation=number, place=stored(Home()), paper=None, rev=chat.rev + 1))

    def exported(self, number: int) -> str:
        """A negotiation as lossless JSON."""
        with self._reading() as tx:
            n = self._found(tx, number)
            self._authorise(n, Permission.TAKE_WHOLE)
            return portable(n, self._desk.archive.events(tx, number), tx.file)

    def taken(self, number: int, form: str, *, partner: bool = False, progress: Progress = unheeded) -> bytes:
        """A negotiation in one of its forms, as it stands; that it was taken away is recorded after.

        The file is made between two transactions, so that whoever answers meanwhile does not wait.
        """
        now = self._desk.now()
        variant: Literal["full", "partner"] = "partner" if partner else "full"
        paper = DocumentRequest(form, variant if partner else "")
        with self._reading() as tx:
            n, events = self._found(tx, number), self._desk.archive.events(tx, number)
            self._authorise(n, Permission.TAKE_WHOLE)
            ordered = ordered_document(paper, n, events, tx.file, now, "the command line")
        body = ordered.makes(progress)
        with self._operating() as tx:
            n = self._found(tx, number, write=True)
            self._authorise(n, Permission.TAKE_WHOLE)
            taken = Happened(n.seq + 1, self._desk.clock(), None, Exported(form=form, variant=variant))
            self._desk.archive.save(tx, number, (taken,), None)
        return body

    def unmarked(self, number: int) -> bool:
        """Whether nothing in a negotiation is marked internal, so that partners would be given all of it."""
        with self._reading() as tx:
            n = self._found(tx, number)
            self._authorise(n, Permission.TAKE_WHOLE)
            return not n.internal

    def proposed(self, number: int, body: bytes, name: str = "") -> list[str]:
        """What an edited Excel or CSV file of this name would change, a line each. Nothing is recorded."""
        try:
            with self._reading() as tx:
                self._found(tx, number)
            rows = read_apart(body, name)
            with self._reading() as tx:
                n = self._found(tx, number)
                reader = reader_of_files(self._desk.now().date(), n.talks_on)
                found = changes(rows, n, self._desk.archive.events(tx, number), reader)
        except Unreadable as error:
            raise NotFound(str(error)) from None
        return [*(in_words(change, n) for change in found.changes), *([found.note] if found.note else [])]

    def signers(self, number: int) -> list[str]:
        """The names of those whose signatures a change of a negotiation would make void."""
        with self._reading() as tx:
            n = self._found(tx, number)
            return [n.name(signature.by) for signature in standing(n)]

    def _found(self, tx: UnitOfWork, number: int, *, write: bool = False) -> Negotiation:
        if tx.head(number) is None:
            msg = f"There is no negotiation {number}. “readiness list” shows them."
            raise NotFound(msg)
        return self._desk.archive.load(tx, number, write=write)

    def people_in(self, there: Portable) -> list[FilePerson]:
        """Who stands in a file, what seat each would get, and whose id here each has."""
        with self._reading() as tx:
            _refuse_known(tx, there)
            return self._people_in(tx, there)

    def _people_in(self, tx: UnitOfWork, there: Portable) -> list[FilePerson]:
        known = {person.id: person for person in tx.persons()}
        return people_of(there.negotiation(), there.happened(), known)

    def imported(self, there: Portable, choice: Mapping[str, str] = MappingProxyType({})) -> int:
        """Take a negotiation in; its number.

        ``choice`` names people of the file: the id of the person here who each is, or `NEW`. Nobody here gets a seat
        whom it does not name: NotFound for a person of the file whose id is taken here and who is not in it.
        """
        with self._operating() as tx:
            _refuse_known(tx, there)
            ids = self._ids(tx, self._people_in(tx, there), choice)
            happened = as_chosen(there.happened(), ids)
            _refuse_unsigned(there, happened)
            self._desk.archive.know(there.checklist)
            for change in happened:
                if isinstance(change.event, Joined | Knocked) and tx.person(change.event.person) is None:
                    tx.add_person(
                        PersonRow(
                            change.event.person,
                            person_name(change.event.name),
                            None,
                            lead=False,
                            joined_at=change.at.isoformat(),
                        )
                    )
            number = self._desk.archive.save(tx, None, happened, None, invites=False)
            for file in there.files:
                tx.add_file(_kept(file, number))
        return number

    def _ids(self, tx: UnitOfWork, people: list[FilePerson], choice: Mapping[str, str]) -> dict[str, str]:
        """Under which id each person of a file is taken in; NotFound for what was not, or cannot be, chosen."""
        here = {person.id for person in tx.persons()}
        if unknown := sorted(choice.keys() - {person.id for person in people}):
            raise NotFound(f"The file has nobody with the id {unknown[0]}. Nothing was imported.")
        if missing := sorted(set(choice.values()) - here - {NEW}):
            raise NotFound(f"There is nobody here with the id {missing[0]}. Nothing was imported.")
        if unsaid := [person for person in people if person.here and person.id not in choice]:
            raise NotFound(f"Nobody said whether {unsaid[0].name} of the file is somebody here. Nothing was imported.")
        ids = chosen_ids(people, choice, here)
        if len(set(ids.values())) < len(ids):
            raise NotFound("Two people of the file cannot be one person here. Nothing was imported.")
        return ids

    def link(self, name: str, *, new_passphrase: bool = False) -> str:
        """A one-time link by which somebody who is known signs in, in a browser or on a Telegram not linked yet.

        ``name``: what they are called here, or their id.

        ``new_passphrase`` forgets theirs and ends their sessions: whoever comes by the link chooses one.
        """
        with self._operating() as tx:
            persons = tx.persons()
            found = [person for person in persons if person.id == name or name in self._called(tx, person)]
            found = found or [person for person in persons if name in {person.name, person_name(person.name)}]
            if len(found) > 1:
                ids = ", ".join(person.id for person in found)
                raise NotFound(f"There is more than one {name}. Name one of them by the id: {ids}.")
            if not found:
                raise NotFound(f"There is no {name}.")
            if new_passphrase:
                self._desk.doors.forget_phrase(tx, found[0].id)
            return self._link(tx, found[0].id)

    def _called(self, tx: UnitOfWork, person: PersonRow) -> set[str]:
        """What a person is called in the talks they sit in; talks that cannot be opened call nobody anything."""
        called = set()
        for number, _ in tx.seats_of(person.id):
            with suppress(LookupError):
                called.add(self._desk.archive.load(tx, number).name(person.id))
        return called

    def _link(self, tx: UnitOfWork, person: str) -> str:
        """A one-time link by which a person connects their own Telegram."""
        secret = self._desk.secret()
        expires = self._desk.clock() + timedelta(days=INVITE_DAYS)
        tx.add_invite(InviteRow(hashed(secret), None, Role.MEMBER, person, expires.isoformat()))
        return f"{self._desk.page or self._desk.link}{secret}"


def _refuse_known(tx: UnitOfWork, there: Portable) -> None:
    first = there.happened()[0].event
    if not isinstance(first, Opened):
        raise NotFound("The file does not begin with an opening.")
    if tx.negotiation_by_uid(first.uid) is not None:
        raise NotFound("This negotiation is here already. Nothing was imported.")


def _refuse_unsigned(there: Portable, happened: tuple[Happened, ...]) -> None:
    """Refuse people of a file as others where that is not what was signed: a signature covers who accepted a gap."""
    before, then = there.negotiation(), replace(there, events=happened).negotiation()
    if standing(before) and state_hash(before) != state_hash(then):
        raise NotFound(
            "The leads signed over waivers of somebody who would be somebody else here, and their signatures would "
            "not stand. Have these waivers withdrawn where the file comes from, and take it away again. Nothing was "
            "imported."
        )


def _kept(file: PortableFile, number: int) -> FileRow:
    return FileRow(file.id, number, file.name, kind_of(file.body, file.name) or "", len(file.body), file.body)
