"""Evidence: what stands behind an answer."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.dialog.answer_slot import clip
from bot.dialog.contract import (
    Action,
    Button,
    ButtonReply,
    Context,
    DocumentRequest,
    FileReply,
    Link,
    Message,
    Outcome,
    Place,
    Reply,
    TextReply,
)
from bot.dialog.parsing.text import empty_words
from bot.dialog.screens.item import at
from bot.domain.access.permissions import Permission
from bot.domain.events import Evidence, EvidenceAdded, EvidenceRemoved, Target

LINK = re.compile(r"https?://\S+\Z")
FORMS = {"link": "link", "reference": "document reference", "file": "file"}


@dataclass(frozen=True)
class ItemEvidence(Place):
    """The evidence of one item; what is sent here is added to it."""

    code = "e"
    verb = Permission.LOOK
    item: str

    @property
    def targets(self) -> tuple[Target, ...]:
        return (self.item,)

    def render(self, context: Context) -> Message:
        item, evidence = context.item(self.item), context.here.record(self.item).evidence
        lines = [
            f"{number}. {clip(piece.text, 200)} ({FORMS[piece.form]})" for number, piece in enumerate(evidence, start=1)
        ]
        if context.answers and item.id in context.here.veiled:
            lines.append("Type a link or a document’s reference, on one line. No file for it comes through this chat.")
        elif context.answers:
            lines.append("Send a file, a link, or a document’s reference, and it is put behind this answer.")
        elif not evidence:
            lines.append("There is none.")
        rows = tuple(
            (Button(clip(f"{number}. {piece.text}", 40), Link(EvidenceDetail(self.item, piece.id))),)
            for number, piece in enumerate(evidence[:20], start=1)
        )
        return Message(f"Evidence: {item.label}", "\n\n".join(lines), (*rows, (Button("Back", Link(at(item))),)))

    def handle(self, context: Context, said: Reply) -> Outcome:
        match said:
            case TextReply(text=text) if empty := empty_words(text):
                return Outcome(self, aside=f"{empty} Type a link or the name of a document. Nothing was added.")
            case TextReply(text=text) if text.strip():
                words = text.strip()
                form = "link" if LINK.match(words) else "reference"
                evidence = Evidence.model_validate({"id": context.secret[:8], "form": form, "text": words})
            case FileReply(id=key, name=name, size=size, caption=caption):
                evidence = Evidence(id=key, form="file", text=f"{name} – {caption}" if caption else name, size=size)
            case _:
                return super().handle(context, said)
        added = EvidenceAdded(item=self.item, evidence=evidence)
        return Outcome(self, (added,), kept=f"Added as evidence: {clip(evidence.text, 200)}")


@dataclass(frozen=True)
class EvidenceDetail(Place):
    """One piece of evidence: look at it, or take it away."""

    code = "E"
    verb = Permission.LOOK
    item: str
    evidence: str

    @property
    def targets(self) -> tuple[Target, ...]:
        return (self.item,)

    def missing(self, context: Context) -> str:
        return "" if self._one(context) else "That piece of evidence was removed."

    def resolve(self, context: Context) -> Place:
        """The same; all evidence of the item, when this was removed."""
        return self if self._one(context) else ItemEvidence(self.item)

    def _one(self, context: Context) -> Evidence | None:
        return next((piece for piece in context.here.record(self.item).evidence if piece.id == self.evidence), None)

    def render(self, context: Context) -> Message:
        piece = self._one(context)
        if piece is None:
            return ItemEvidence(self.item).render(context)
        size = f", {max(1, piece.size // 1024):,} KiB" if piece.form == "file" else ""
        rows = [(Button("Send me the file", Action("bring")),)] if piece.form == "file" else []
        last = (Button("Remove", Action("remove")), Button("Back", Link(ItemEvidence(self.item))))
        return Message(
            f"Evidence: {context.item(self.item).label}",
            f"{clip(piece.text, 1500)}\n({FORMS[piece.form]}{size})",
            (*rows, last),
        )

    def handle(self, context: Context, said: Reply) -> Outcome:
        piece = self._one(context)
        match said:
            case ButtonReply(act="bring") if piece and piece.form == "file":
                return Outcome(self, paper=DocumentRequest("evidence", piece.id))
            case ButtonReply(act="remove") if piece:
                removed = EvidenceRemoved(item=self.item, evidence=piece.id)
                return Outcome(ItemEvidence(self.item), (removed,), kept=f"Removed: {clip(piece.text, 200)}")
            case _:
                return super().handle(context, said)
