"""A sample negotiation to try things on. Every name in it is plainly a sample."""

from __future__ import annotations

from datetime import timedelta

from bot.core.answers import Claim, Picked, Text
from bot.core.events import AnyEvent, Claimed, Opened, Role, RowPut
from bot.desk import Desk
from bot.office import Office

LEAD, MEMBER = "Maya", "Omar"
CHECKLIST = "us-china-space"


def open_sample(office: Office, desk: Desk) -> int:
    """Open the sample: talks in six weeks, a lead and a member, a few answers given."""
    lead, member = office.person(LEAD, lead=True), office.person(MEMBER)
    checklist = desk.checklists[CHECKLIST]
    opened = Opened(
        uid="sample",
        checklist=checklist.digest,
        counterpart=checklist.counterpart or "Sample counterpart",
        subject=checklist.subject or "Sample subject",
        talks_on=(desk.clock() + timedelta(weeks=6)).date(),
    )
    told: tuple[AnyEvent, ...] = (
        Claimed(item="roster", claim=Claim.PARTLY),
        RowPut(
            item="goals",
            row="r1",
            cells={"goal": Text(text="Sample goal: exchange of orbit data"), "want": Picked(options=("must",))},
        ),
    )
    number = office.open(lead, opened, told)
    office.seat(member, number, Role.MEMBER)
    return number
