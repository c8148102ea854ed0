"""Telling people unasked: what is due, how a gate stands, the day's digest.

Whoever inserts a notice's row sends it, however many replicas run. What was claimed and not sent, since a
process died or Telegram could not be reached, is taken over later and then says what is so by then. Who may
still be told what is looked at in the very transaction that claims. Who has no Telegram is told there and then,
in the same words: their page has them above whatever it shows, until they have seen it and go on.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta

from bot.application.announcements import notify
from bot.application.preferences import prefs, prefs_of
from bot.application.updates import UpdateHandler
from bot.dialog.callback_data import pack, stored, wordless
from bot.dialog.contract import Context, Link, Message
from bot.dialog.reminder_message import in_other_talks, reminder
from bot.dialog.screens.reminder_settings import ReminderSettings
from bot.domain.access.permissions import Permission
from bot.domain.events import PersonId
from bot.domain.negotiation import Happened
from bot.domain.reminders import (
    DIGEST,
    DUE,
    END,
    DigestNotice,
    GapCounts,
    Key,
    NotificationPreferences,
    day_told,
    due_keys,
    notice,
)
from bot.storage import SeatRow, SentMessageRow, Tampered, UnitOfWork

log = logging.getLogger(__name__)
LOOKS = 5  # negotiations at a time: on SQLite everybody else waits for it
LEFT_FOR = timedelta(minutes=5)  # after which another takes a claimed notice over
TAKES = 50  # of these at a time
NEWS = 300  # events a first digest looks through
ON_PAGE_CHARACTERS = 3800  # of a reminder on a page: what Telegram would take, with room for what is below


@dataclass(frozen=True, slots=True)
class Reminder:
    """A message to a person, as Telegram needs it.

    ``keys`` are the notices in it; ``places`` is where its buttons lead, stored.
    """

    negotiation: int
    person: PersonId
    telegram_id: int
    keys: tuple[Key, ...]
    title: str
    text: str
    buttons: tuple[tuple[tuple[str, str], ...], ...]
    places: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Look:
    """A negotiation as it bears on reminders: nothing new is due while this stays the same."""

    head: int
    people: tuple[tuple[SeatRow, NotificationPreferences, date | None], ...]


@contextmanager
def _passing_over(number: int) -> Iterator[None]:
    """Leave out a negotiation that somebody wrote into by hand: those of the others are told theirs."""
    try:
        yield
    except Tampered as error:
        log.critical("Of negotiation %d nobody is reminded: %s", number, error)


class ReminderService:
    """Claims what is to be told, and notes what was."""

    def __init__(self, desk: UpdateHandler) -> None:
        """Tell people of a desk's negotiations, by its clock."""
        self._desk = desk
        self._looked: dict[int, _Look] = {}
        self._ahead: list[tuple[int, _Look]] = []  # still to be looked at in this round

    def due(self) -> tuple[list[Reminder], bool]:
        """What is to be told now and is from now on the caller's to send; and whether to ask again at once.

        Who reads pages alone is told by this already.
        """
        now = self._desk.now()
        changed = self._ahead or self._changed(now)
        self._ahead = changed[LOOKS:]
        found: list[Reminder] = []
        for number, look in changed[:LOOKS]:
            with _passing_over(number):
                found += self._claimed(number, look, now)
            self._looked[number] = look
        if not self._ahead:
            found += self._taken_over(now)
        return found, bool(self._ahead)

    def sent(self, outgoing: Reminder, message_id: int | None) -> None:
        """Note that a reminder was sent in this message, or (None) can never be."""
        now = self._desk.clock()
        with self._desk.store.transaction() as tx:
            for key in outgoing.keys:
                tx.notice_sent(outgoing.negotiation, outgoing.person, key, now.isoformat(), message_id)
            if message_id is not None:
                at, places = int(now.timestamp()), "\n".join(outgoing.places)
                tx.note_sent([SentMessageRow(outgoing.person, message_id, at, outgoing.negotiation, places)])

    # Looking

    def _changed(self, now: datetime) -> list[tuple[int, _Look]]:
        """The negotiations in which something may be due that was not when they were looked at last."""
        with self._desk.store.reading() as tx:
            seats, wishes = tx.watched(), tx.all_prefs()
        people: dict[int, list[tuple[SeatRow, NotificationPreferences, date | None]]] = {}
        for seat in seats:
            wish = prefs(wishes.get(seat.person), str(self._desk.zone))
            people.setdefault(seat.negotiation, []).append((seat, wish, day_told(wish, now)))
        looks = {number: _Look(seated[0][0].head, tuple(seated)) for number, seated in people.items()}
        return [(number, look) for number, look in looks.items() if self._looked.get(number) != look]

    def _claimed(self, number: int, look: _Look, now: datetime) -> list[Reminder]:
        if all(day is None for _, _, day in look.people):
            return []
        with self._desk.store.reading() as tx:
            n, done = self._desk.archive.load(tx, number, once=True), tx.notice_keys(number)
        called = [
            seat for seat, wish, _ in look.people if due_keys(n, seat.person, wish, now, done.get(seat.person, ()))
        ]
        if not called:
            return []
        with self._desk.store.transaction() as tx:
            if on_pages := sorted(seat.person for seat in called if seat.telegram_id is None):
                tx.lock_chats(on_pages)
            return [outgoing for seat in called if (outgoing := self._claim(tx, seat, now)) is not None]

    def _claim(self, tx: UnitOfWork, seat: SeatRow, now: datetime) -> Reminder | None:
        row = tx.person(seat.person)
        context = self._context(tx, seat.negotiation, seat.person)
        if row is None or context is None:
            return None
        number, person, at = seat.negotiation, seat.person, now.astimezone(UTC).isoformat()
        done = {notice_row.key for notice_row in tx.notices_of(number, person)}
        keys = due_keys(context.here, person, prefs_of(tx, person, str(self._desk.zone)), now, done)
        for kind in {key.partition(":")[0] for key in keys}:
            tx.supersede_notices(number, person, kind, at)
        mine = [key for key in keys if tx.claim_notice(number, person, key, at)]
        return self._told(tx, context, number, row.telegram_id, mine, now)

    def _taken_over(self, now: datetime) -> list[Reminder]:
        """What somebody claimed and never sent, as it is now."""
        with self._desk.store.reading() as tx:
            left = tx.notices_left((now - LEFT_FOR).astimezone(UTC).isoformat(), TAKES)
        found = []
        for number, person in sorted({(number, person) for number, person, _ in left}):
            keys = [key for at, whose, key in left if (at, whose) == (number, person)]
            with _passing_over(number), self._desk.store.transaction() as tx:
                again = self._again(tx, number, person, keys, now)
                found += [again] if again else []
        return found

    def _again(self, tx: UnitOfWork, number: int, person: PersonId, keys: list[Key], now: datetime) -> Reminder | None:
        row, wish = tx.person(person), prefs_of(tx, person, str(self._desk.zone))
        if row is not None and row.telegram_id is None:
            tx.lock_chats([person])
        context = self._context(tx, number, person)
        before, at = (now - LEFT_FOR).astimezone(UTC).isoformat(), now.astimezone(UTC).isoformat()
        mine = [key for key in keys if tx.take_notice_over(number, person, key, before, at)]
        wanted = _latest([key for key in mine if context is not None and _wants(wish, key)])
        self._drop(tx, number, person, [key for key in mine if key not in wanted], now)
        if context is None or row is None or day_told(wish, now) is None:
            return None
        return self._told(tx, context, number, row.telegram_id, wanted, now)

    # Telling

    def _context(self, tx: UnitOfWork, number: int, person: PersonId) -> Context | None:
        """What this person may look at now; None for who does not belong there any more."""
        row = tx.person(person)
        context = self._desk.context(tx, row, number) if row else None
        return context if context and context.may(Permission.LOOK) else None

    def _told(
        self, tx: UnitOfWork, context: Context, number: int, telegram_id: int | None, keys: Sequence[Key], now: datetime
    ) -> Reminder | None:
        on = now.date()
        line, before = self._since(tx, context, number, keys, now)
        made = [notice(context.here, context.me, key, on, line, before) for key in keys]
        self._drop(
            tx, number, context.me, [key for key, due_notice in zip(keys, made, strict=True) if due_notice is None], now
        )
        notices = tuple(due_notice for due_notice in made if due_notice is not None)
        if not notices:
            return None
        for due_notice in notices:
            if isinstance(due_notice, DigestNotice):
                body = json.dumps({"seq": context.here.seq, "counts": asdict(due_notice.counts)})
                tx.note_notice(number, context.me, due_notice.key, body)
        shown, sent = reminder(context, notices, on), tuple(due_notice.key for due_notice in notices)
        if telegram_id is None:
            self._on_page(tx, context, number, shown)
            self._drop(tx, number, context.me, sent, now)
            return None
        # No button of a reminder asks the place that says it, since none does: they all lead somewhere.
        buttons = tuple(
            tuple((button.label, pack(button, ReminderSettings(), number, 0)) for button in row)
            for row in shown.buttons
        )
        return Reminder(number, context.me, telegram_id, sent, shown.title, shown.text, buttons, _places(shown))

    def _on_page(self, tx: UnitOfWork, context: Context, number: int, shown: Message) -> None:
        """Tell somebody without Telegram: above what their chat shows, on whatever page they open or have open."""
        person = tx.person(context.me)
        if person is not None and tx.chat(context.me) is None:
            self._desk.doors.new_chat(tx, person)
        about = f"{shown.title}\n\n{shown.text}"
        notify(
            tx,
            context.me,
            number,
            about,
            in_other_talks(context, shown),
            most=ON_PAGE_CHARACTERS,
            latest=f"reminder {number}",
        )

    def _since(
        self, tx: UnitOfWork, context: Context, number: int, keys: Sequence[Key], now: datetime
    ) -> tuple[tuple[Happened, ...], GapCounts | None]:
        """What happened since this person's last digest, and what that one counted."""
        digest = next((key for key in keys if key.startswith(f"{DIGEST}:")), None)
        if digest is None:
            return (), None
        earlier = [row for row in tx.notices_of(number, context.me) if row.key.startswith(f"{DIGEST}:") and row.body]
        last = max((row for row in earlier if row.key < digest), key=lambda row: row.key, default=None)
        if last is None or last.body is None:
            line = self._desk.archive.events(tx, number, max(0, context.here.seq - NEWS))
            return tuple(change for change in line if change.at >= now - timedelta(days=1)), None
        told = json.loads(last.body)
        return tuple(self._desk.archive.events(tx, number, told["seq"])), GapCounts(**told["counts"])

    def _drop(self, tx: UnitOfWork, number: int, person: PersonId, keys: Sequence[Key], now: datetime) -> None:
        """Be done with notices that no message of Telegram brings: told on a page, or with nothing to say any more."""
        for key in keys:
            tx.notice_sent(number, person, key, now.astimezone(UTC).isoformat(), None)


def _wants(wish: NotificationPreferences, key: Key) -> bool:
    return wish.digest if key.startswith(f"{DIGEST}:") else wish.reminders or key.startswith(f"{END}:")


def _latest(keys: Sequence[Key]) -> list[Key]:
    """The keys, with only the latest of the days' reminders and digests: the others would say the same."""
    daily = {kind: max((key for key in keys if key.startswith(f"{kind}:")), default="") for kind in (DUE, DIGEST)}
    return [key for key in keys if daily.get(key.partition(":")[0], key) == key]


def _places(shown: Message) -> tuple[str, ...]:
    """What a reminder is about: the items that it names, or where else it leads first."""
    links = [button.means.place for row in shown.buttons for button in row if isinstance(button.means, Link)]
    items = [place for place in links if getattr(place, "item", "")]
    return tuple(stored(wordless(place)) for place in items or links[:1])
