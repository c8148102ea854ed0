"""Need to know: a lead keeps a section for some people; leads see every section."""

from __future__ import annotations

from dataclasses import dataclass

from bot.dialog.answer_slot import clip
from bot.dialog.contract import Action, Button, ButtonReply, Context, Link, Message, Outcome, Place, Reply
from bot.dialog.screens.chat_redaction import ChatRedactionSection
from bot.dialog.screens.home import SectionPage
from bot.domain.access.need_to_know import may_see
from bot.domain.access.permissions import Permission
from bot.domain.events import PersonId, Restricted, Role, Target
from bot.domain.events.base import of_section


@dataclass(frozen=True)
class SectionVisibility(Place):
    """Who sees a section: a tap shows it to somebody or keeps it from them."""

    code = "sw"
    verb = Permission.ORDER
    section: str

    @property
    def targets(self) -> tuple[Target, ...]:
        return (of_section(self.section),)

    def _seeing(self, context: Context) -> tuple[PersonId, ...]:
        """Those who see it without leading, in order of joining."""
        target = of_section(self.section)
        others = (member.id for member in context.here.here if member.role != Role.LEAD)
        return tuple(person for person in others if may_see(context.here.judged, person, target))

    def render(self, context: Context) -> Message:
        n, section = context.here, context.here.checklist.section[self.section]
        seeing, kept = self._seeing(context), self.section in n.restricted
        text = "Everybody in the delegation sees this section."
        if kept:
            text = f"Only these see this section: {n.names((*n.leads, *seeing))}. Who joins later does not."
        text += " Leads always see every section. For others nothing of a section kept from them is left anywhere: "
        text += "not in lists, counts, gaps, history, search or files."
        if blind := self._blind(context, seeing):
            text += f"\n\nThey have work here and do not see it: {blind}."
        rows: list[tuple[Button, ...]] = []
        if context.leads:
            rows = [
                (_toggle(member.name, member.id, sees=member.id in seeing),)
                for member in n.here
                if member.role != Role.LEAD
            ]
        if context.leads and kept:
            rows.append((Button("Show it to everybody", Action("everybody")),))
        elif context.leads:
            rows.append((Button("Keep it for the leads", Action("leads")),))
        if context.leads:
            rows.append((Button("What the chat carries of it", Link(ChatRedactionSection(self.section))),))
        return Message(f"Who sees: {section.title}", text, (*rows, (Button("Back", Link(SectionPage(self.section))),)))

    def _blind(self, context: Context, seeing: tuple[PersonId, ...]) -> str:
        """Who has something in the section but does not see it, in words; empty for nobody."""
        n, section = context.here, context.here.checklist.section[self.section]
        items = {item.id for item in section.items}
        targets = [key for key in n.owners if key == of_section(section.id) or key.split("/")[0] in items]
        have = {person for target in targets for person in n.owners[target]} - {*n.leads, *seeing}
        return n.names(member.id for member in n.here if member.id in have) if have else ""

    def handle(self, context: Context, said: Reply) -> Outcome:
        title, seeing = context.here.checklist.section[self.section].title, self._seeing(context)
        match said:
            case ButtonReply(act="show", arg=person) if context.here.role(person):
                kept = f"{context.here.name(person)} sees “{title}” now."
                return self._kept_for(context, (*seeing, person) if person not in seeing else seeing, kept)
            case ButtonReply(act="hide", arg=person) if context.here.role(person):
                kept = f"“{title}” is kept from {context.here.name(person)} now."
                return self._kept_for(context, tuple(viewer for viewer in seeing if viewer != person), kept)
            case ButtonReply(act="leads"):
                return self._kept_for(context, (), f"Only the leads see “{title}” now.")
            case ButtonReply(act="everybody"):
                opened = Restricted(section=self.section, people=None)
                return Outcome(self, (opened,), kept=f"Everybody sees “{title}” now.")
            case _:
                return super().handle(context, said)

    def _kept_for(self, context: Context, people: tuple[PersonId, ...], kept: str) -> Outcome:
        if people == context.here.restricted.get(self.section):
            return Outcome(self, aside="So it is already.")
        return Outcome(self, (Restricted(section=self.section, people=people),), kept=kept)


def _toggle(name: str, person: PersonId, *, sees: bool) -> Button:
    return Button(clip(f"{'✓' if sees else '✗'} {name}", 40), Action("hide" if sees else "show", person))
