"""A sample negotiation to try things on. Every name in it is plainly a sample."""

from __future__ import annotations

from datetime import timedelta

from bot.application.administration import AdminService, NotFound
from bot.application.updates import UpdateHandler
from bot.domain.answers import Claim, Picked, Text
from bot.domain.events import AnyEvent, Claimed, Opened, Role, RowPut
from bot.domain.negotiation import FORM

LEAD, MEMBER, OTHER = "Maya", "Omar", "Lina"
UID = "sample"
CHECKLIST = "us-china-space"
KIND_OF_TALKS = {"planned": "data", "done": "standards", "money": "no", "asset": "no", "safety": "yes"}
ANSWERS: tuple[AnyEvent, ...] = (
    RowPut(
        item="rung",
        row=FORM,
        cells={name: Picked(options=(option,)) for name, option in KIND_OF_TALKS.items()},
    ),
    Claimed(item="roster", claim=Claim.PARTLY),
    RowPut(
        item="goals",
        row="r1",
        cells={"goal": Text(text="Sample goal: exchange of orbit data"), "want": Picked(options=("must",))},
    ),
)


def open_sample(office: AdminService, desk: UpdateHandler) -> int:
    """Open the sample: talks in six weeks, a lead and two members, a few answers given.

    Where the checklist that the answers belong to is not there, it is empty talks on the first one that is.
    """
    checklist = desk.checklists.get(CHECKLIST) or next(iter(desk.checklists.values()), None)
    if checklist is None:
        raise NotFound("No checklist is sound, so that there is none to open the sample on.")
    lead, members = office.person(LEAD, lead=True), [office.person(name) for name in (MEMBER, OTHER)]
    opened = Opened(
        uid=UID,
        checklist=checklist.digest,
        counterpart=checklist.counterpart or "Sample counterpart",
        subject=checklist.subject or "Sample subject",
        talks_on=(desk.now() + timedelta(weeks=6)).date(),
        given={opener.id: f"Sample {opener.label.lower()}" for opener in checklist.opening},
    )
    number = office.open(lead, opened, ANSWERS if checklist.id == CHECKLIST else ())
    for member in members:
        office.seat(member, number, Role.MEMBER)
    return number


def sample_left(desk: UpdateHandler) -> int | None:
    """The number of the sample, where it is among what is kept."""
    with desk.store.reading() as tx:
        return tx.negotiation_by_uid(UID)


def sample_people(office: AdminService, desk: UpdateHandler) -> tuple[str, ...]:
    """The people of the sample, the lead first; it is opened in an empty database, and nowhere else."""
    if not office.negotiations() and not any(person.telegram_id for person in office.people()):
        open_sample(office, desk)
    with desk.store.reading() as tx:
        number = tx.negotiation_by_uid(UID)
        seats = dict(tx.seats_at(number)) if number is not None else {}
        people = {
            person.name: person.id for person in tx.persons() if person.id in seats and person.telegram_id is None
        }
    if LEAD not in people:
        raise NotFound(
            "The data folder holds a real delegation, not the sample. Set TELEGRAM_BOT_TOKEN or "
            "READINESS_LISTEN and run “readiness serve”, or give another READINESS_DATA to try the sample."
        )
    return tuple(people[name] for name in (LEAD, MEMBER, OTHER) if name in people)
