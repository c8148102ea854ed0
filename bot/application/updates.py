"""The desk: hears an update in one transaction.

A reply is not sent from here: the transaction marks the chat's place as not yet shown, and a face shows it afterwards.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from bot.application.announcements import notify
from bot.application.chats import place_of
from bot.application.incoming_files import IncomingFileHandler
from bot.application.membership import invitation_secret
from bot.application.messages import IncomingReply, IncomingUpdate, Origin, Receipt, UpdateResult
from bot.application.outbox import HELD_SECONDS, TurnResult
from bot.application.rate_limit import SLOWER, RateLimiter
from bot.application.reply_router import ReplyInTurn
from bot.application.returned_files import Brought
from bot.application.security_log import SecurityEvent, record
from bot.dialog.contract import FileReply, Reply, TextReply, UnsupportedReply
from bot.dialog.engine import COMMANDS
from bot.dialog.refusals import REFUSED
from bot.dialog.screens.redacted import slips
from bot.storage import PersonRow, UnitOfWork

log = logging.getLogger(__name__)
OTHERWISE = (
    "Update %d came again with another content. What came first was kept. Telegram is at fault, or it is forged."
)
ALIVE = "alive"
ELSEWHERE = {Origin.GROUP: SecurityEvent.GROUP, Origin.CHANNEL: SecurityEvent.CHANNEL, Origin.BOT: SecurityEvent.BOT}
AUDITED = timedelta(days=90)
HEARD_KEPT = timedelta(days=14)  # Telegram repeats an update for a day and lets people edit for two
ASIDE_KEPT = timedelta(days=30)  # in which somebody has looked at what could not be heard, or nobody will


class UpdateHandler(IncomingFileHandler):
    """Loads, hears, folds and saves; one transaction a reply."""

    pace: RateLimiter | None = None  # how fast it listens; None for as fast as it can
    commands = tuple((name, what) for name, (_, what) in COMMANDS.items())

    # Hearing

    def hear(self, arrived: IncomingUpdate) -> UpdateResult:
        """Hear one update from Telegram, once: a repeat changes nothing."""
        return self.hear_all((arrived,))[0]

    def hear_all(
        self,
        batch: Sequence[IncomingUpdate],
        idle: Callable[[str], bool] = lambda _: False,
        notes: Sequence[Receipt] = (),
    ) -> list[UpdateResult]:
        """Hear updates in one transaction, in order, each once. When this raises, none of them was heard.

        ``idle`` tells whose chat can be shown at once: what it should show then comes along.
        ``notes`` of what chats show are made before, in the same transaction.
        """
        with self._hearing() as tx:
            self._note_shown(tx, notes)
            known = {
                person.telegram_id: person
                for person in tx.persons_by_telegram([update.telegram_id for update in batch])
            }
            tx.lock_chats([person.id for person in known.values()])
            ignored = self._ignored(batch, known)
            came = [update for update in batch if update not in ignored]
            # Of two with one number the mark is that of the first.
            marks = {update.update_id: _mark(tx, update) for update in reversed(came)}
            new = tx.first_times([update.update_id for update in came], self.clock().isoformat(), marks)
            heard = [
                (UpdateResult(person=None, known=False), None)
                if update in ignored
                else self._heard(tx, known, new, update)
                for update in batch
            ]
            erased = [(update.telegram_id, result.erase) for update, (result, _) in zip(batch, heard, strict=True)]
            self.may_not_stay(tx, [(chat_id, number) for chat_id, number in erased if number is not None])
            turns = [turned for _, turned in heard if turned is not None]
            latest = {turn.person.id: turn for turn in turns if turn.chat is tx.chat(turn.person.id)}
            mine = [person for person in latest if idle(person)]
            held = tx.hold(mine, self.holder, HELD_SECONDS) if self.holder else mine
        showings = {person: self.after(latest[person]) for person in held}
        return [
            replace(result, showing=showings.get(result.person)) if result.person else result for result, _ in heard
        ]

    def _heard(
        self,
        tx: UnitOfWork,
        known: dict[int | None, PersonRow],
        new: set[int],
        arrived: IncomingUpdate,
    ) -> tuple[UpdateResult, TurnResult | None]:
        person = known.get(arrived.telegram_id)
        if arrived.update_id not in new:
            self._compare(tx, person, arrived)
            # Heard by a process that was killed, perhaps before it showed anything: the chat is looked at again.
            erase = arrived.message_id if person and self._slipped(tx, person, arrived) else None
            return UpdateResult(person=person.id if person else None, known=True, repeated=True, erase=erase), None
        new.remove(arrived.update_id)  # once in a poll, too
        if arrived.origin is not Origin.PRIVATE:
            record(tx, self.clock().isoformat(), ELSEWHERE[arrived.origin], None, arrived.telegram_id)
            return UpdateResult(person=None, known=False, answer=REFUSED), None
        if secret := invitation_secret(arrived.said, stranger=person is None or not self.belongs(tx, person)):
            told = (secret, arrived.name, arrived.telegram_id, arrived.handle)
            let_in = self.doors.let_in(tx, person, *told)
            if let_in is not None:
                inside = tx.person(let_in.person.id) or let_in.person  # as they are now: lead, linked
                known[arrived.telegram_id] = inside
                number = chat.negotiation if (chat := tx.chat(inside.id)) else None
                closed = self.doors.close_links(tx, number) if number is not None else ()
                return UpdateResult(person=inside.id, known=True, wakes=(*let_in.wakes, *closed)), None
        if person is None:
            return self._refused(tx, arrived, None), None
        came = ReplyInTurn(
            arrived.said,
            arrived.packed,
            arrived.update_id,
            arrived.message_id,
            arrived.edited,
            sent=arrived.sent,
            reply_to=arrived.reply_to,
            quote=arrived.quote,
            forwarded_from=arrived.forwarded_from,
        )
        reply = self._paced(tx, person, came, arrived.sent)
        if reply is None:
            erase = arrived.message_id if self._slipped(tx, person, arrived) else None
            return UpdateResult(person=person.id, known=True, erase=erase), None
        if self._await_file(tx, person, arrived, reply.before):
            return UpdateResult(person=person.id, known=True, awaits=True), None
        turned = self._turn(tx, person, reply)
        if turned is SecurityEvent.REMOVED:
            return self._refused(tx, arrived, person), None
        if isinstance(turned, SecurityEvent):
            record(tx, self.clock().isoformat(), turned, person.id, None)
            return UpdateResult(person=person.id, known=True, answer=REFUSED), None
        erase = arrived.message_id if turned.erase else None
        return UpdateResult(person=person.id, known=True, wakes=turned.wakes, erase=erase), turned

    def _compare(self, tx: UnitOfWork, person: PersonRow | None, arrived: IncomingUpdate) -> None:
        """Tell, once, of an update that came before and said something else then."""
        if tx.came_otherwise(arrived.update_id, _mark(tx, arrived)):
            log.warning(OTHERWISE, arrived.update_id)
            who = person.id if person else None
            record(tx, self.clock().isoformat(), SecurityEvent.OTHERWISE, who, arrived.telegram_id)

    def _slipped(self, tx: UnitOfWork, person: PersonRow, arrived: IncomingUpdate) -> bool:
        """Whether a message heard before may hold what the chat may not carry: it is deleted once more."""
        chat = tx.chat(person.id)
        if chat is None or not isinstance(arrived.said, TextReply | FileReply | UnsupportedReply):
            return False
        return slips(self._context(tx, person, chat.negotiation, veiled=True), place_of(chat.place))

    def _ignored(self, batch: Sequence[IncomingUpdate], known: Mapping[int | None, PersonRow]) -> list[IncomingUpdate]:
        """What strangers said who were answered just now. Silence costs no write, however many there are of them."""
        if self.pace is None:
            return []
        ignored, knocking = [], set(known)
        for update in batch:
            tries = bool(invitation_secret(update.said, stranger=True))
            if update.telegram_id in knocking:
                continue
            if not self.pace.stranger(update.telegram_id, tries=tries):
                ignored.append(update)
            elif tries:
                knocking.add(update.telegram_id)  # who may be let in by it, and then be heard
        return ignored

    def _paced(
        self, tx: UnitOfWork, person: PersonRow, reply: ReplyInTurn, sent: float | None = None
    ) -> ReplyInTurn | None:
        """The reply, perhaps with more to be told; None when it comes too fast, which its sender is told."""
        if self.pace is None:
            return reply
        words = reply.said.text if isinstance(reply.said, TextReply) else ""
        verdict = self.pace.known(person.id, reply.update_id, sent, words)
        if verdict.hears:
            return replace(reply, before=verdict.says)
        says = SLOWER if verdict.says and self._shielded(tx, person) else verdict.says
        if says and not notify(tx, person.id, 0, says, says):
            self.doors.new_chat(tx, person)
            notify(tx, person.id, 0, says, says)
        return None

    def _shielded(self, tx: UnitOfWork, person: PersonRow) -> bool:
        """Whether the talks a person is in keep anything out of chats: then nothing typed is repeated there."""
        chat = tx.chat(person.id)
        context = self._context(tx, person, chat.negotiation if chat else None, veiled=True)
        return context.n is not None and bool(context.n.shields)

    def belongs(self, tx: UnitOfWork, person: PersonRow) -> bool:
        """Whether somebody is more than a stranger: they have a seat, may open talks, or wait at a door."""
        return person.lead or bool(tx.seats_of(person.id)) or self.doors.waits(tx, person)

    def _refused(self, tx: UnitOfWork, arrived: IncomingUpdate, person: PersonRow | None) -> UpdateResult:
        """A stranger, who is told one sentence, the same whatever they tried; so is who belongs nowhere any more."""
        brings = invitation_secret(arrived.said, stranger=True)
        tried = SecurityEvent.INVITATION if brings else SecurityEvent.REMOVED if person else SecurityEvent.STRANGER
        record(tx, self.clock().isoformat(), tried, person.id if person else None, arrived.telegram_id)
        return UpdateResult(person=None, known=False, answer=REFUSED)

    def reply(self, person: str, said: Reply | None, packed: str = "") -> TurnResult | SecurityEvent | None:
        """Hear a reply from a face of our own that knows its person itself, such as the terminal."""
        return self.reply_all((IncomingReply(person, said, packed),))[0]

    def reply_all(self, batch: Sequence[IncomingReply]) -> list[TurnResult | SecurityEvent | None]:
        """Hear replies in one transaction, in order. When this raises, none of them was heard.

        None for a repeat, and for what came too fast; what was tried for what is refused.
        """
        with self.store.reading() as tx:
            rows = {reply.person: tx.person(reply.person) for reply in batch}
        brought = [self._worked_out(given.person, given.rows) for given in batch]
        with self._hearing() as tx:
            tx.lock_chats(sorted(rows))
            return [
                self._given(tx, rows[reply.person], reply, file) for reply, file in zip(batch, brought, strict=True)
            ]

    def _given(
        self, tx: UnitOfWork, person: PersonRow | None, given: IncomingReply, brought: Brought | None
    ) -> TurnResult | SecurityEvent | None:
        if person is None:
            raise LookupError(given.person)
        if given.once is not None and not tx.first_time(given.once, self.clock().isoformat()):
            return None
        if given.seen and person.telegram_id is None:  # what Telegram shows is the presenter's to say
            tx.shown(person.id, given.seen, None)
        came = ReplyInTurn(
            given.said, given.packed, given.once, file=given.file, unpacked=brought, veiled=False, at=given.at
        )
        reply = self._paced(tx, person, came)
        turned = self._turn(tx, person, reply) if reply is not None else None
        if isinstance(turned, SecurityEvent):
            record(tx, self.clock().isoformat(), turned, person.id, None)
        return turned

    def set_aside(self, update_id: int, raw: str, error: str) -> None:
        """Put away an update that cannot be heard, so that it holds up nobody."""
        with self.store.transaction() as tx:
            now = self.clock().isoformat()
            tx.first_time(update_id, now)
            tx.set_update_aside(update_id, now, raw, error)

    def alive(self) -> None:
        """Note that the bot runs, so that a later start knows for how long it did not."""
        with self.store.transaction() as tx:
            now = self.clock()
            tx.set_office(ALIVE, now.isoformat())
            self.doors.note_time(tx)
            tx.forget_heard((now - HEARD_KEPT).isoformat())
            tx.forget_sent(int((now - HEARD_KEPT).timestamp()))
            tx.forget_set_aside((now - ASIDE_KEPT).isoformat())
            tx.forget_refusals((now - AUDITED).date().isoformat())

    def come_back(self, seconds: float) -> bool:
        """Note that the bot runs; whether it had not for so long, and it is this process that is to say so."""
        now = self.clock()
        with self.store.transaction() as tx:
            return tx.move_office(ALIVE, (now - timedelta(seconds=seconds)).isoformat(), now.isoformat())


def _mark(tx: UnitOfWork, arrived: IncomingUpdate) -> bytes:
    """A mark of all that an update says, the same however often it comes."""
    told = (arrived.telegram_id, arrived.said, arrived.message_id, arrived.packed, arrived.edited, arrived.origin)
    belongs = (arrived.reply_to, arrived.quote, arrived.forwarded_from)
    return tx.mark_of(repr(told if belongs == (None, "", "") else (*told, *belongs)))
