"""Evidence: what stands behind an answer."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.dialog.answer_slot import clip
from bot.dialog.contract import Button, Do, Go, Paper, Place, Room, Said, Say, Sent, Tapped, Turn, Typed
from bot.dialog.parsing.text import empty_words
from bot.dialog.screens.item import at
from bot.domain.access.permissions import Verb
from bot.domain.events import Evidence, EvidenceAdded, EvidenceRemoved

LINK = re.compile(r"https?://\S+\Z")
FORMS = {"link": "link", "reference": "document reference", "file": "file"}


@dataclass(frozen=True)
class AtEvidence(Place):
    """The evidence of one item; what is sent here is added to it."""

    code = "e"
    verb = Verb.LOOK
    item: str

    def says(self, room: Room) -> Say:
        item, evidence = room.item(self.item), room.here.record(self.item).evidence
        lines = [f"{number}. {clip(one.text, 200)} ({FORMS[one.form]})" for number, one in enumerate(evidence, start=1)]
        if room.answers and item.id in room.here.veiled:
            lines.append("Type a link or a document’s reference, on one line. No file for it comes through this chat.")
        elif room.answers:
            lines.append("Send a file, a link, or a document’s reference, and it is put behind this answer.")
        elif not evidence:
            lines.append("There is none.")
        rows = tuple(
            (Button(clip(f"{number}. {one.text}", 40), Go(OneEvidence(self.item, one.id))),)
            for number, one in enumerate(evidence[:20], start=1)
        )
        return Say(f"Evidence: {item.label}", "\n\n".join(lines), (*rows, (Button("Back", Go(at(item))),)))

    def hears(self, room: Room, said: Said) -> Turn:
        match said:
            case Typed(text=text) if empty := empty_words(text):
                return Turn(self, aside=f"{empty} Type a link or the name of a document. Nothing was added.")
            case Typed(text=text) if text.strip():
                words = text.strip()
                form = "link" if LINK.match(words) else "reference"
                evidence = Evidence.model_validate({"id": room.secret[:8], "form": form, "text": words})
            case Sent(id=key, name=name, size=size, caption=caption):
                evidence = Evidence(id=key, form="file", text=f"{name} – {caption}" if caption else name, size=size)
            case _:
                return super().hears(room, said)
        added = EvidenceAdded(item=self.item, evidence=evidence)
        return Turn(self, (added,), kept=f"Added as evidence: {clip(evidence.text, 200)}")


@dataclass(frozen=True)
class OneEvidence(Place):
    """One piece of evidence: look at it, or take it away."""

    code = "E"
    verb = Verb.LOOK
    item: str
    evidence: str

    def _one(self, room: Room) -> Evidence | None:
        return next((one for one in room.here.record(self.item).evidence if one.id == self.evidence), None)

    def says(self, room: Room) -> Say:
        one = self._one(room)
        if one is None:
            return AtEvidence(self.item).says(room)
        size = f", {max(1, one.size // 1024):,} KiB" if one.form == "file" else ""
        rows = [(Button("Send me the file", Do("bring")),)] if one.form == "file" else []
        last = (Button("Remove", Do("remove")), Button("Back", Go(AtEvidence(self.item))))
        return Say(
            f"Evidence: {room.item(self.item).label}",
            f"{clip(one.text, 1500)}\n({FORMS[one.form]}{size})",
            (*rows, last),
        )

    def hears(self, room: Room, said: Said) -> Turn:
        one = self._one(room)
        match said:
            case Tapped(act="bring") if one and one.form == "file":
                return Turn(self, paper=Paper("evidence", one.id))
            case Tapped(act="remove") if one:
                removed = EvidenceRemoved(item=self.item, evidence=one.id)
                return Turn(AtEvidence(self.item), (removed,), kept=f"Removed: {clip(one.text, 200)}")
            case _:
                return super().hears(room, said)
