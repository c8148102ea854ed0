"""Taking the checklist away as a document."""

from __future__ import annotations

from dataclasses import dataclass

from bot.dialog.home import Home
from bot.dialog.place import Button, Do, Go, Paper, Place, Room, Said, Say, Tapped, Turn

FORMS = {
    "markdown": ("Markdown, to read", "state, gaps, every answer and table, evidence, history"),
    "json": ("JSON, complete", "everything, to import elsewhere or to keep"),
}
COMPLETE = "json"
INCOMPLETE = "JSON is complete, so it is only for those who see every section. Ask a lead for it."


@dataclass(frozen=True)
class TakeAway(Place):
    """The forms in which the checklist leaves."""

    code = "A"

    def says(self, room: Room) -> Say:
        offered = {form: FORMS[form] for form in FORMS if form != COMPLETE or not room.here.hidden}
        lines = [f"{label}: {holds}." for label, holds in offered.values()]
        if room.here.hidden:
            lines = ["The file covers the sections you see.", *lines, INCOMPLETE]
        lines.append("The file comes into this chat; Telegram keeps a copy of it (see Privacy).")
        rows = tuple((Button(label, Do("bring", form)),) for form, (label, _) in offered.items())
        return Say(f"Take away: {room.here.counterpart}", "\n\n".join(lines), (*rows, (Button("Home", Go(Home())),)))

    def hears(self, room: Room, said: Said) -> Turn:
        if isinstance(said, Tapped) and said.act == "bring" and said.arg == COMPLETE and room.here.hidden:
            return Turn(self, aside=INCOMPLETE)
        if isinstance(said, Tapped) and said.act == "bring" and said.arg in FORMS:
            return Turn(self, paper=Paper(said.arg))
        return super().hears(room, said)
