"""Contexts: all that a person may look at, filled from storage. The clock and chance enter here."""

from __future__ import annotations

import gc
import secrets
from collections.abc import Callable, Collection, Mapping
from datetime import UTC, datetime, timedelta, tzinfo
from functools import cache

from bot.application.documents import PictureCache
from bot.application.last_seen import last_look
from bot.application.membership import MembershipService
from bot.application.negotiations import NegotiationRepository
from bot.application.preferences import cards_of, prefs_of, waiting
from bot.dialog.contract import Context, LapsedInvitation, NegotiationLine
from bot.domain.checklist import Checklist
from bot.domain.events import Role
from bot.domain.negotiation import Negotiation
from bot.domain.person_names import person_name
from bot.domain.purgeable_cache import forget_all
from bot.domain.readiness.waivers import newly_expired
from bot.storage import Database, PersonRow, UnitOfWork

LAPSED = 3  # invitations that ran out, which a lead may renew
RENEWABLE = timedelta(days=30)  # after its end


class ContextFactory:
    """Fills contexts from storage."""

    def __init__(
        self,
        store: Database,
        checklists: Mapping[str, Checklist],
        *,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        link: str = "https://t.me/your_bot?start=",
        secret: Callable[[], str] = lambda: secrets.token_urlsafe(16),
        pages: str = "",
        zone: tzinfo = UTC,
    ) -> None:
        """Work on a store, with the checklists that can be opened.

        ``link`` begins an invitation; ``pages`` the addresses of our own pages, empty when there are none; ``zone`` is
        the team's: by its days they judge what is due, fresh, waived and signed.
        """
        self.pages = pages
        self.store = store
        self.link = link
        self.page = ""  # where an invitation is opened in a browser
        self.clock = clock
        self.secret = secret
        self.checklists = dict(checklists)
        self.zone = zone
        self.archive = NegotiationRepository(checklists, zone)
        self.doors = MembershipService(self.archive, clock)
        self.pictures = PictureCache()
        self.faces_forget: list[Callable[[Collection[int]], object]] = []  # for what faces keep; in their event loop
        self._gone: frozenset[int] = frozenset()
        self._again = False

    def now(self) -> datetime:
        """The time as the team's clock shows it: its date is the day for everybody."""
        return self.clock().astimezone(self.zone)

    def forget_purged(self) -> frozenset[int]:
        """Keep nothing in memory of talks that were destroyed, by whichever process; which, where any are new.

        A reply or a picture that was in hand then may bring something back: so it is done once more the next time.
        """
        gone = self.store.forget_purged()
        new = gone != self._gone
        if not new and not self._again:
            return frozenset()
        self._gone, self._again = gone, new
        self.archive.forget(gone)
        self.pictures.forget()
        forget_all()
        gc.unfreeze()  # what the archive froze may hold cycles that were garbage by then
        gc.collect()
        gc.freeze()
        return gone

    def context(self, tx: UnitOfWork, person: PersonRow, number: int) -> Context:
        """What a person may look at in a negotiation, where others wait to write: to tell them of it in Telegram."""
        return self._context(tx, person, number, veiled=True, write=True)

    def own_context(self, tx: UnitOfWork, person: PersonRow, number: int | None) -> Context:
        """What a person may look at on a page of our own, of which Telegram sees nothing."""
        return self._context(tx, person, number, veiled=False)

    def _context(
        self, tx: UnitOfWork, person: PersonRow, number: int | None, *, veiled: bool, write: bool = False
    ) -> Context:
        """What a person may look at; ``veiled`` where others run the servers that carry it."""
        seats = dict(tx.seats_of(person.id))
        n = self.archive.load(tx, number, write=write) if number is not None and number in seats else None
        if n is not None and number is not None and write:
            n = self.archive.note_expired(tx, number, n, self.now())
        talks = tuple(self._listed(tx, seat, role, n if seat == number else None) for seat, role in seats.items())
        return Context(
            me=person.id,
            name=n.name(person.id) if n else person_name(person.name),
            now=self.now(),
            n=n,
            may_open=person.lead or Role.LEAD in seats.values(),
            talks=talks,
            checklists=self.checklists,
            secret=self.secret(),
            link=self.link,
            page=self.page,
            overview=cache(lambda: {seat: self.archive.load(tx, seat) for seat in seats}),
            prefs=lambda: prefs_of(tx, person.id, str(self.zone)),
            cards=lambda: cards_of(tx, number),
            waiting=lambda group: waiting(tx, person.id, group),
            line=cache(lambda since: self.archive.events(tx, number, since) if n and number else ()),
            invited=lambda: tx.open_invites(number, self.clock().isoformat()) if number else 0,
            lapsed=lambda: self._lapsed(tx, number) if number else (),
            veiled=veiled,
            pages=veiled and bool(self.pages),
            looked=lambda: last_look(tx, person.id, number, self.now()) if number else None,
        )

    def _lapsed(self, tx: UnitOfWork, number: int) -> tuple[LapsedInvitation, ...]:
        found = (
            LapsedInvitation(invite.hash, Role(invite.role), datetime.fromisoformat(invite.expires_at))
            for invite in tx.lapsed_invites(number, LAPSED)
        )
        return tuple(invitation for invitation in found if self.clock() - invitation.until < RENEWABLE)

    def look(self, number: int | None, n: Negotiation | None) -> None:
        """Write down what a person saw run out, who only looks: no clock that goes back brings it back."""
        if number is None or n is None or not newly_expired(n, self.now().date()):
            return
        with self.store.transaction() as tx:
            if tx.head(number) is not None:
                self.archive.note_expired(tx, number, self.archive.load(tx, number, write=True), self.now())
        self.archive.committed(tx)

    def _listed(self, tx: UnitOfWork, number: int, role: str, n: Negotiation | None) -> NegotiationLine:
        n = n or self.archive.named(tx, number)
        return NegotiationLine(number, n.counterpart, n.subject, Role(role))
