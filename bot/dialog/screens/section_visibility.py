"""Need to know: a lead keeps a section for some people; leads see every section."""

from __future__ import annotations

from dataclasses import dataclass

from bot.dialog.answer_slot import clip
from bot.dialog.contract import Button, Do, Go, Place, Room, Said, Say, Tapped, Turn
from bot.dialog.screens.chat_redaction import ShieldSection
from bot.dialog.screens.home import AtSection
from bot.domain.access.need_to_know import may_see
from bot.domain.access.permissions import Verb
from bot.domain.events import PersonId, Restricted, Role
from bot.domain.ownership import of_section


@dataclass(frozen=True)
class Seeing(Place):
    """Who sees a section: a tap shows it to somebody or keeps it from them."""

    code = "sw"
    verb = Verb.ORDER
    section: str

    def _seeing(self, room: Room) -> tuple[PersonId, ...]:
        """Those who see it without leading, in order of joining."""
        target = of_section(self.section)
        others = (one.id for one in room.here.here if one.role != Role.LEAD)
        return tuple(one for one in others if may_see(room.here.judged, one, target))

    def says(self, room: Room) -> Say:
        n, section = room.here, room.here.checklist.section[self.section]
        seeing, kept = self._seeing(room), self.section in n.restricted
        text = "Everybody in the delegation sees this section."
        if kept:
            text = f"Only these see this section: {n.names((*n.leads, *seeing))}. Who joins later does not."
        text += " Leads always see every section. For others nothing of a section kept from them is left anywhere: "
        text += "not in lists, counts, gaps, history, search or files."
        if blind := self._blind(room, seeing):
            text += f"\n\nThey have work here and do not see it: {blind}."
        rows: list[tuple[Button, ...]] = []
        if room.leads:
            rows = [(_toggle(one.name, one.id, sees=one.id in seeing),) for one in n.here if one.role != Role.LEAD]
        if room.leads and kept:
            rows.append((Button("Show it to everybody", Do("everybody")),))
        elif room.leads:
            rows.append((Button("Keep it for the leads", Do("leads")),))
        if room.leads:
            rows.append((Button("What the chat carries of it", Go(ShieldSection(self.section))),))
        return Say(f"Who sees: {section.title}", text, (*rows, (Button("Back", Go(AtSection(self.section))),)))

    def _blind(self, room: Room, seeing: tuple[PersonId, ...]) -> str:
        """Who has something in the section but does not see it, in words; empty for nobody."""
        n, section = room.here, room.here.checklist.section[self.section]
        items = {item.id for item in section.items}
        targets = [key for key in n.owners if key == of_section(section.id) or key.split("/")[0] in items]
        have = {person for target in targets for person in n.owners[target]} - {*n.leads, *seeing}
        return n.names(one.id for one in n.here if one.id in have) if have else ""

    def hears(self, room: Room, said: Said) -> Turn:
        title, seeing = room.here.checklist.section[self.section].title, self._seeing(room)
        match said:
            case Tapped(act="show", arg=person) if room.here.role(person):
                kept = f"{room.here.name(person)} sees “{title}” now."
                return self._kept_for(room, (*seeing, person) if person not in seeing else seeing, kept)
            case Tapped(act="hide", arg=person) if room.here.role(person):
                kept = f"“{title}” is kept from {room.here.name(person)} now."
                return self._kept_for(room, tuple(one for one in seeing if one != person), kept)
            case Tapped(act="leads"):
                return self._kept_for(room, (), f"Only the leads see “{title}” now.")
            case Tapped(act="everybody"):
                opened = Restricted(section=self.section, people=None)
                return Turn(self, (opened,), kept=f"Everybody sees “{title}” now.")
            case _:
                return super().hears(room, said)

    def _kept_for(self, room: Room, people: tuple[PersonId, ...], kept: str) -> Turn:
        if people == room.here.restricted.get(self.section):
            return Turn(self, aside="So it is already.")
        return Turn(self, (Restricted(section=self.section, people=people),), kept=kept)


def _toggle(name: str, person: PersonId, *, sees: bool) -> Button:
    return Button(clip(f"{'✓' if sees else '✗'} {name}", 40), Do("hide" if sees else "show", person))
