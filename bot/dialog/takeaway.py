"""Taking the checklist away as a file, in one of its forms, whole or for partners."""

from __future__ import annotations

from dataclasses import dataclass

from bot.core.events import Exported
from bot.core.forms import FORMS, Form
from bot.core.report_parts import PARTNER
from bot.dialog.home import Home
from bot.dialog.place import Button, Do, Go, Paper, Place, Room, Said, Say, Sent, Tapped, Turn
from bot.dialog.releasing import AtHandling, Internals
from bot.dialog.reviewing import Reviewing

COMPLETE = "json"
INCOMPLETE = "JSON is complete, so it is only for those who see every section. Ask a lead for it."

LEFT_OUT = (
    "What this chat may not carry is left out of files that come here, and they say so. The whole, and JSON, "
    "come from the browser or from “readiness export”."
)


def holding(form: Form, variant: str) -> str:
    """What is in a file of this form."""
    back = "; edited answers can come back" if form.returns and not variant else ""
    return f"{form.holds}{back}"


@dataclass(frozen=True)
class TakeAway(Place):
    """The forms in which the checklist leaves, and where an edited one comes back."""

    code = "A"
    variant: str = ""  # or "partner"

    def says(self, room: Room) -> Say:
        whole = not room.here.hidden and not room.here.veiled
        forms = [one for one in FORMS.values() if (one.partner or not self.variant) and (whole or one.name != COMPLETE)]
        lines = ["\n".join(f"{form.label}: {holding(form, self.variant)}." for form in forms)]
        if room.here.hidden:
            lines = ["The file covers the sections you see.", *lines, INCOMPLETE]
        if room.here.veiled:
            lines = [*lines, LEFT_OUT]
        if self.variant:
            lines.insert(0, f"{PARTNER}.")
        lines.append("The file comes into this chat; Telegram keeps a copy of it (see Privacy).")
        if room.leads and not self.variant:
            lines.append(
                "Send an edited Excel or CSV file back here, and you look at each change before it is recorded."
            )
        offered = [Button(form.label, Do("bring", form.name)) for form in forms]
        rows = tuple(tuple(offered[nth : nth + 2]) for nth in range(0, len(offered), 2))
        return Say(self._title(room), "\n\n".join(lines), (*rows, *self._more(room)))

    def _title(self, room: Room) -> str:
        return f"{'For partners' if self.variant else 'Take away'}: {room.here.counterpart}"

    def _more(self, room: Room) -> tuple[tuple[Button, ...], ...]:
        leading = ((Button("What stays internal", Go(Internals())), Button("Handling line", Go(AtHandling()))),)
        other = Button("The whole", Go(TakeAway())) if self.variant else Button("For partners", Go(TakeAway("partner")))
        variants = () if room.here.hidden else (other,)  # the partner version is made of the whole
        return (*(leading if room.leads else ()), (*variants, Button("Home", Go(Home()))))

    def hears(self, room: Room, said: Said) -> Turn:
        match said:
            case Tapped(act="bring", arg=name) if room.here.veiled and name == COMPLETE:
                return Turn(self, aside=LEFT_OUT)
            case Tapped(act="bring", arg=name) if room.here.hidden and (name == COMPLETE or self.variant):
                return Turn(self, aside=INCOMPLETE)
            case Tapped(act="bring", arg=name) if name in FORMS and (FORMS[name].partner or not self.variant):
                taken = Exported(form=name, variant="partner" if self.variant else "full")
                kept = f"Taken away as {FORMS[name].told}{', for partners' if self.variant else ''}."
                return Turn(self, (taken,), paper=Paper(name, self.variant), kept=kept)
            case Sent() if not room.leads:
                return Turn(self, aside=f"{room.only_leads} can take an edited file back in.")
            case Sent(trouble=trouble) if trouble:
                return Turn(self, aside=f"{trouble} Nothing was recorded.")
            case Sent(changes=""):
                return Turn(self, aside="That file holds no change. Nothing was recorded.")
            case Sent(changes=changes, note=note):
                return Turn(Reviewing(changes), aside=note)
            case _:
                return super().hears(room, said)
