"""What the operator does from the command line: the first code, people, whole negotiations in and out."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import timedelta
from typing import Literal

from bot.application.documents import ordered_document, portable
from bot.application.file_types import kind_of
from bot.application.membership import FIRST_CODE, LED
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
from bot.exports.json.archive import Portable, PortableFile
from bot.exports.reimport.proposals import changes
from bot.exports.reimport.reader import Unreadable, returned
from bot.storage import FileRow, InviteRow, PersonRow, UnitOfWork

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
            if tx.any_lead() or tx.get_office(LED):
                return None
            code = self._desk.secret()
            tx.set_office(FIRST_CODE, hashed(code))
            return code

    def person(self, name: str, *, lead: bool = False) -> str:
        """The person of this name, added without Telegram when there is none."""
        with self._operating() as tx:
            found = next((one for one in tx.persons() if person_name(one.name) == person_name(name)), None)
            return (found or self._desk.doors.add(tx, name, None, lead=lead)).id

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
            numbers = sorted({number for one in tx.persons() for number, _ in tx.seats_of(one.id)})
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
                Happened(seq, now, person, one) for seq, one in enumerate((opened, joined, *events), start=1)
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

    def proposed(self, number: int, body: bytes, name: str = "") -> list[str]:
        """What an edited Excel or CSV file of this name would change, a line each. Nothing is recorded."""
        try:
            with self._reading() as tx:
                n = self._found(tx, number)
                reader = reader_of_files(self._desk.now().date(), n.talks_on)
                found = changes(returned(body, name), n, self._desk.archive.events(tx, number), reader)
        except Unreadable as error:
            raise NotFound(str(error)) from None
        return [*(in_words(change, n) for change in found.changes), *([found.note] if found.note else [])]

    def _found(self, tx: UnitOfWork, number: int, *, write: bool = False) -> Negotiation:
        if tx.head(number) is None:
            msg = f"There is no negotiation {number}. “readiness list” shows them."
            raise NotFound(msg)
        return self._desk.archive.load(tx, number, write=write)

    def imported(self, there: Portable) -> tuple[int, list[tuple[str, str]]]:
        """Take a negotiation in; its number, and for each person not here yet a name and a one-time link."""
        happened = there.happened()
        first = happened[0].event
        if not isinstance(first, Opened):
            raise NotFound("The file does not begin with an opening.")
        with self._operating() as tx:
            if tx.negotiation_by_uid(first.uid) is not None:
                raise NotFound("This negotiation is here already. Nothing was imported.")
            self._desk.archive.know(there.checklist)
            links = []
            for one in happened:
                if isinstance(one.event, Joined | Knocked) and tx.person(one.event.person) is None:
                    tx.add_person(
                        PersonRow(
                            one.event.person,
                            person_name(one.event.name),
                            None,
                            lead=False,
                            joined_at=one.at.isoformat(),
                        )
                    )
            number = self._desk.archive.save(tx, None, happened, None, invites=False)
            for file in there.files:
                tx.add_file(_kept(file, number))
            for member in there.negotiation().here:
                row = tx.person(member.id)
                if row is not None and row.telegram_id is None:
                    links.append((member.name, self._link(tx, member.id)))
        return number, links

    def link(self, name: str, *, new_passphrase: bool = False) -> str:
        """A one-time link by which somebody who is known signs in, in a browser or on a Telegram not linked yet.

        ``new_passphrase`` forgets theirs and ends their sessions: whoever comes by the link chooses one.
        """
        with self._operating() as tx:
            persons = tx.persons()
            found = [one for one in persons if name in self._called(tx, one)]
            found = found or [one for one in persons if name in {one.name, person_name(one.name)}]
            if len(found) != 1:
                raise NotFound(f"There is {'more than one' if found else 'no'} {name}.")
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
        """A one-time link by which a person who came with an import connects their own Telegram."""
        secret = self._desk.secret()
        expires = self._desk.clock() + timedelta(days=INVITE_DAYS)
        tx.add_invite(InviteRow(hashed(secret), None, Role.MEMBER, person, expires.isoformat()))
        return f"{self._desk.page or self._desk.link}{secret}"


def _kept(file: PortableFile, number: int) -> FileRow:
    return FileRow(file.id, number, file.name, kind_of(file.body, file.name) or "", len(file.body), file.body)
