"""Files on their way from Telegram: taken in two steps.

Who sends, and whether the place takes a file, is judged before anything of it is fetched. Then it is kept as a row that
names it, sealed, and the update is confirmed. A face fetches what these rows name beside the updates, and the file is
heard at the place it was sent to, wherever its sender stands by then.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from bot.application.announcements import notify
from bot.application.chats import place_of
from bot.application.file_use import FileUse, use_at
from bot.application.messages import IncomingUpdate, Receipt, UpdateResult
from bot.application.outbox import TurnResult
from bot.application.reply_router import ReplyInTurn, credited
from bot.application.returned_files import Brought, WorkedOut, basis, worked_out
from bot.application.security_log import SecurityEvent
from bot.application.turns import TurnHandler
from bot.dialog.callback_data import stored
from bot.dialog.contract import Context, FileReply, Place, UnsupportedReply
from bot.dialog.engine import handle, still
from bot.dialog.refusals import entry
from bot.dialog.screens.pasted_rows import PastedRows, takes_rows
from bot.dialog.screens.redacted import slips
from bot.domain.events import EvidenceAdded
from bot.exports.reimport.pasted import PastedSheet
from bot.exports.reimport.reader import Returned
from bot.exports.reimport.reading_process import Unpacked
from bot.storage import ChatRow, IncomingFileRow, PersonRow, UnitOfWork

HELD_SECONDS = 300  # for which a file is one process's: longer than it is fetched and read
WAITING_FILES = 20  # of one person
TOO_MANY = (
    f"{WAITING_FILES} files of yours are still being fetched, and no more wait at a time. “{{}}” was not kept: please "
    "send it again when those are done."
)
ELSEWHERE = "You went on elsewhere while “{}” was being fetched. Nothing was recorded: send it again {}."
AGAIN = {
    FileUse.RETURN: "under Take away",
    FileUse.ROWS: "at its table",
    FileUse.EVIDENCE: "at its item",
    FileUse.NONE: "where it belongs",
}
ANY_NAMES = ("file", "file.csv")  # one of each kind by which a place tells files apart


@dataclass(frozen=True, slots=True)
class AwaitedFile:
    """A file to be fetched, and what is said of it: its name, and its size in bytes, which may be another.

    ``use``: whether it is to be read, and as what.
    """

    update_id: int
    person: str
    telegram_id: int | None
    file_id: str
    name: str
    size: int
    use: FileUse


class IncomingFileHandler(TurnHandler):
    """Keeps files that are to be fetched, and hears them once they came."""

    def _await_file(self, tx: UnitOfWork, person: PersonRow, arrived: IncomingUpdate, before: str) -> bool:
        """Keep a file that is to be fetched; False where none is taken, which the place then says."""
        chat = tx.chat(person.id)
        if not arrived.file_id or not isinstance(arrived.said, FileReply) or chat is None or chat.negotiation is None:
            return False
        reply = ReplyInTurn(arrived.said, sent=arrived.sent, reply_to=arrived.reply_to, quote=arrived.quote)
        goes = self._file_goes(tx, person, chat, reply)
        if goes is None or _use(goes.context, goes.place, arrived.said) is FileUse.NONE:
            return False
        if tx.incoming_files_of(person.id) >= WAITING_FILES:
            words = TOO_MANY.format(arrived.said.name)
            notify(tx, person.id, chat.negotiation, words, words)
            return True
        said = credited(arrived.said, arrived.forwarded_from)
        body = {
            "file_id": arrived.file_id,
            "name": said.name,
            "size": said.size,
            "caption": said.caption,
            "message_id": arrived.message_id,
            "place": stored(goes.place),
            "replied": goes.replied,
            "before": before,
        }
        tx.add_incoming_file(IncomingFileRow(arrived.update_id, person.id, goes.number, json.dumps(body)))
        tx.note_heard(arrived.update_id, person.id, arrived.message_id, goes.number, None, None)
        return True

    def file_use(self, person: str, *names: str) -> FileUse:
        """What becomes of a file that a person sends from a page of our own now, before anything of it is read.

        Where its name is not known yet, of a file of any name that is taken.
        """
        with self.store.reading() as tx:
            row, chat = tx.person(person), tx.chat(person)
            if row is None or chat is None:
                return FileUse.NONE
            context, place = self._context(tx, row, chat.negotiation, veiled=False), place_of(chat.place)
        uses = (_use(context, place, FileReply("file", name, 1)) for name in names or ANY_NAMES)
        return next((use for use in uses if use is not FileUse.NONE), FileUse.NONE)

    def waiting_files(self, busy: Collection[str], limit: int) -> list[AwaitedFile]:
        """Take on files to fetch, the first of each person; of nobody who is ``busy``."""
        with self.store.transaction() as tx:
            return [self._awaited(tx, row) for row in tx.hold_incoming_files(busy, HELD_SECONDS, limit)]

    def release_files(self) -> None:
        """Leave every file to be fetched anew: the process that was at it is no more."""
        with self.store.transaction() as tx:
            tx.release_incoming_files()

    def _awaited(self, tx: UnitOfWork, row: IncomingFileRow) -> AwaitedFile:
        told, person = json.loads(row.body), tx.person(row.person)
        if person is None:
            raise LookupError(row.person)
        sits = row.negotiation in dict(tx.seats_of(person.id))
        return AwaitedFile(
            row.update_id,
            person.id,
            person.telegram_id,
            told["file_id"],
            told["name"],
            told["size"],
            use_at(place_of(told["place"]), told["name"], lambda: self._leads(tx, person, row.negotiation))
            if sits
            else FileUse.NONE,
        )

    def file_came(
        self, update_id: int, file: bytes | None, rows: Unpacked | None, why: str = "", notes: Sequence[Receipt] = ()
    ) -> UpdateResult | None:
        """Hear a file that was fetched, or ``why`` there is none, once; None when it was heard or is wanted no more.

        ``notes`` of what chats show are made before, in the same transaction.
        """
        with self.store.reading() as tx:
            awaited = tx.incoming_file(update_id)
        brought = self._worked_out(awaited.person, rows, awaited.negotiation) if awaited else rows
        with self._hearing() as tx:
            self._note_shown(tx, notes)
            row = tx.take_incoming_file(update_id)
            person = tx.person(row.person) if row else None
            if row is None or person is None:
                return None
            tx.lock_chats([person.id])
            told = json.loads(row.body)
            arrived = FileReply("", told["name"], len(file or b""), told["caption"])
            said = UnsupportedReply(why) if file is None else arrived
            number = told["message_id"]
            there = told["place"] if told.get("replied") else ""
            reply = ReplyInTurn(
                said, "", update_id, number, file=file, unpacked=brought, before=told["before"], there=there
            )
            turned = self._came(tx, person, row, told["place"], reply)
            erase = number if isinstance(turned, TurnResult) and turned.erase else None
            if erase is not None and person.telegram_id is not None:
                self.may_not_stay(tx, [(person.telegram_id, erase)])
        if not isinstance(turned, TurnResult):
            return None
        return UpdateResult(person=person.id, known=True, wakes=turned.wakes, erase=erase)

    def _worked_out(self, person: str, rows: Brought | None, number: int | None = None) -> Brought | None:
        """An edited file with what it proposes in talks; without a number, on a page of our own, where a person sits.

        Other files as they are. Whatever is worked out for nothing is looked at again where the file is heard.
        """
        if not isinstance(rows, Returned):
            return rows
        with self.store.reading() as tx:
            row, chat = tx.person(person), tx.chat(person)
            if row is None or chat is None:
                return rows
            sits = number if number is not None else chat.negotiation
            context = self._context(tx, row, sits, veiled=number is not None)
            if context.n is None or not context.leads:
                return rows
            made_from, events = basis(context), context.line(0)
        return WorkedOut(rows, made_from, worked_out(rows, context, made_from[-1], events))

    @contextmanager
    def _hearing(self) -> Iterator[UnitOfWork]:
        """A transaction that tells the archive, once it is committed and not before."""
        with self.store.transaction() as tx:
            yield tx
        self.archive.committed(tx)

    def _came(
        self, tx: UnitOfWork, person: PersonRow, row: IncomingFileRow, place: str, reply: ReplyInTurn
    ) -> TurnResult | SecurityEvent | None:
        chat = tx.chat(person.id)
        if chat is None or row.negotiation not in {number for number, _ in tx.seats_of(person.id)}:
            return None  # removed since: nothing of theirs is heard there
        if chat.negotiation == row.negotiation and (reply.there or _is_heard_at(chat, place, reply)):
            return self._turn(tx, person, reply)
        context = self._context(tx, person, row.negotiation, veiled=True, write=True)
        reply, sent_to = self._looked_at(reply), place_of(place)
        name = reply.said.name if isinstance(reply.said, FileReply) else ""
        use = use_at(sent_to, name, lambda: context.leads) if name else FileUse.NONE
        if use in {FileUse.RETURN, FileUse.ROWS}:  # what is read is looked at before it is recorded
            outcome = still(context, sent_to, "")
        else:
            outcome = handle(context, sent_to, reply.said or UnsupportedReply(""))
        self._save(tx, row.negotiation, outcome, reply)
        words = outcome.aside or (ELSEWHERE.format(name, AGAIN[use]) if name else "")
        words = "\n".join(filter(None, (reply.before, words)))
        notify(tx, person.id, row.negotiation, words, f"Talks with {context.here.counterpart}: {words}")
        wakes = self._told(tx, person, row.negotiation, context, outcome)
        erase = outcome.turn.erase or (use is FileUse.ROWS and slips(context, sent_to))
        return TurnResult(person, tx.chat(person.id) or chat, None, wakes, erase)


def _is_heard_at(chat: ChatRow, place: str, reply: ReplyInTurn) -> bool:
    """Whether a file is heard where its sender stands: where it was sent, or where rows of the same table are taken."""
    if chat.place == place:
        return True
    sent, stands = place_of(place).shows, place_of(chat.place).shows
    return isinstance(reply.unpacked, PastedSheet) and takes_rows(stands) and sent.targets == stands.targets


def _use(context: Context, place: Place, said: FileReply) -> FileUse:
    """What becomes of a file at a place, of who may record what it is for; the file itself is not asked."""
    use = use_at(place, said.name, lambda: context.leads)
    match use:
        case FileUse.RETURN:
            taken = entry(context, place) is None
        case FileUse.ROWS:
            rows = PastedRows(getattr(place, "item", ""), "", "")
            taken = entry(context, rows) is None and not slips(context, place)
        case _:
            taken = any(isinstance(change.event, EvidenceAdded) for change in handle(context, place, said).happened)
    return use if taken else FileUse.NONE
