"""Every negotiation: kept as its events, known as their fold."""

from __future__ import annotations

import gc
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, tzinfo
from weakref import WeakKeyDictionary

from bot.application.recently_used import RecentlyUsed
from bot.dialog.callback_data import stored
from bot.dialog.screens.home import Home
from bot.domain.checklist import Checklist
from bot.domain.events import ANY_EVENT, Invited, Joined, Left, Opened, RoleGiven
from bot.domain.negotiation import Happened, Negotiation
from bot.domain.projection import after, opened
from bot.domain.readiness.waivers import newly_expired
from bot.storage import EventRow, InviteRow, UnitOfWork

# Events folded at once, from which on the collector passes over what they made. It holds no cycles and stays; with
# 100,000 events in memory every full collection walked it for 0.3 s, while everybody waited.
LONG = 1000
EVENTS_KEPT = 20_000  # in memory, of the negotiations used last


class Unopenable(LookupError):
    """A negotiation whose rows are there and cannot be read; one line says why."""


class NegotiationRepository:
    """Loads negotiations by folding what is new since the last time, and saves what happened.

    What is known is only ever what was committed. What a transaction writes is known to itself alone
    until `committed` is called; when it is rolled back, that is forgotten with it.
    """

    def __init__(self, checklists: Mapping[str, Checklist], zone: tzinfo = UTC) -> None:
        """Know these checklists from the start; others are found with the negotiations that use them.

        What happened did so by the clocks of a ``zone``, the team's, in which its day is meant; kept is UTC.
        """
        self._zone = zone
        self._known: RecentlyUsed[int, Negotiation] = RecentlyUsed(lambda n: n.seq, EVENTS_KEPT)
        self._drafts: WeakKeyDictionary[UnitOfWork, dict[int, Negotiation]] = WeakKeyDictionary()
        self._by_digest = {checklist.digest: checklist for checklist in checklists.values()}

    def learn(self, tx: UnitOfWork, number: int, n: Negotiation) -> None:
        """Take note of a negotiation as a transaction leaves it."""
        self._drafts.setdefault(tx, {})[number] = n

    def committed(self, tx: UnitOfWork) -> None:
        """What a transaction left is so, and known to all."""
        for number, n in self._drafts.pop(tx, {}).items():
            self._known.put(number, n)

    def forget(self, numbers: Iterable[int]) -> None:
        """Know nothing any more of negotiations that were destroyed."""
        for number in numbers:
            self._known.pop(number)

    def load(self, tx: UnitOfWork, number: int, *, write: bool = False, once: bool = False) -> Negotiation:
        """The negotiation as this transaction sees it; to write, other writers wait. What is known is folded on.

        ``once``: nobody asks for it again soon, so that it takes nobody's place in memory.
        """
        head = tx.lock(number) if write else tx.head(number)
        draft = self._drafts.get(tx)
        known = (draft and draft.get(number)) or self._known.get(number)
        if known is not None and (head is None or known.seq > head):
            known = None
        if known is not None and known.seq == head:
            return known
        line = self.events(tx, number, known.seq) if known else list(map(self.happened, tx.whole_line(number)))
        for happened in line:
            known = self._first(tx, number, happened) if known is None else after(known, happened)
        if known is None:
            raise LookupError(f"negotiation {number}")
        if len(line) > LONG:
            gc.freeze()
        if draft is not None:
            draft[number] = known
        elif not once:
            self._known.put(number, known)
        return known

    def named(self, tx: UnitOfWork, number: int) -> Negotiation:
        """The negotiation for what never changes in it, as its names: however old, what is known will do."""
        return self._known.get(number) or self.load(tx, number)

    def _first(self, tx: UnitOfWork, number: int, happened: Happened) -> Negotiation:
        digest = happened.event.checklist if isinstance(happened.event, Opened) else ""
        if digest not in self._by_digest:
            body = tx.checklist(digest)
            if body is None:
                msg = f"negotiation {number}: the text of its checklist ({digest[:12]}…) is missing. Restore a backup."
                raise Unopenable(msg)
            self._by_digest[digest] = Checklist.model_validate_json(body)
        return opened(happened, self._by_digest[digest])

    def events(self, tx: UnitOfWork, number: int, since: int = 0) -> list[Happened]:
        """What happened in a negotiation after an event, in order."""
        return [self.happened(row) for row in tx.events(number, since)]

    def happened(self, row: EventRow) -> Happened:
        """What an event's row says."""
        return Happened(
            row.seq, datetime.fromisoformat(row.at).astimezone(self._zone), row.by, ANY_EVENT.validate_json(row.body)
        )

    def know(self, checklist: Checklist) -> None:
        """Take in a checklist that came with an import."""
        self._by_digest[checklist.digest] = checklist

    def save(
        self,
        tx: UnitOfWork,
        number: int | None,
        happened: tuple[Happened, ...],
        update_id: int | None,
        *,
        invites: bool = True,
    ) -> int:
        """Write events, and the small tables that follow from them. No number opens a negotiation."""
        self._drafts.setdefault(tx, {})  # from here on, what this transaction reads may be its own
        first = happened[0].event
        if isinstance(first, Opened):
            checklist = self._by_digest[first.checklist]
            tx.keep_checklist(checklist.digest, checklist.model_dump_json(by_alias=True, exclude_defaults=True))
            number = tx.new_negotiation(first.uid)
        if number is None:
            raise LookupError("no negotiation to save to")
        rows = [
            EventRow(
                change.seq,
                change.at.astimezone(UTC).isoformat(),
                change.by,
                update_id,
                ANY_EVENT.dump_json(change.event),
            )
            for change in happened
        ]
        tx.append(number, rows, happened[-1].seq)
        for change in happened:
            if invites or not isinstance(change.event, Invited):
                self._index(tx, number, change)
        return number

    def note_expired(self, tx: UnitOfWork, number: int, n: Negotiation, now: datetime) -> Negotiation:
        """Write down which waivers have run out by now, where nobody did; the negotiation then. It must be locked."""
        events = newly_expired(n, now.date())
        if not events:
            return n
        happened = tuple(Happened(n.seq + nth, now, None, event) for nth, event in enumerate(events, start=1))
        self.save(tx, number, happened, None)
        for change in happened:
            n = after(n, change)
        self.learn(tx, number, n)
        return n

    def _index(self, tx: UnitOfWork, number: int, happened: Happened) -> None:
        """The small tables that follow from the events, written with them."""
        match happened.event:
            case Joined(person=person, role=role):
                tx.sit(number, person, role)
            case RoleGiven(person=person, role=role):
                if person in dict(tx.seats_at(number)):
                    tx.sit(number, person, role)
            case Left(person=person):
                tx.rise(number, person)
                chat = tx.chat(person)
                if chat and chat.negotiation == number:
                    tx.put_chat(
                        replace(
                            chat,
                            negotiation=None,
                            place=stored(Home()),
                            aside="",
                            settle="",
                            paper=None,
                            rev=chat.rev + 1,
                        )
                    )
            case Invited(invite=invite, role=role, expires_at=expires, person=person):
                if not tx.renew_invite(invite, expires.isoformat()):
                    tx.add_invite(InviteRow(invite, number, role, person, expires.isoformat()))
            case _:
                pass
