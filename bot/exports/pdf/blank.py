"""A checklist as a form to print and fill in by hand."""

from __future__ import annotations

from bot.domain.checklist import Asked, Checklist, Field, Item, Section
from bot.exports.pdf.typst import Data, TypstDocument, compiled


def blank_pdf(checklist: Checklist) -> bytes:
    """The checklist without answers, every question with room for one."""
    data: dict[str, Data] = {
        "title": plain(checklist.title),
        "about": plain(checklist.about),
        "foot": f"{plain(checklist.title)}, version {checklist.version} · {checklist.source}",
        "head": ["Counterpart", "Subject", "Talks on", *(opener.label for opener in checklist.opening), "Filled in by"],
        "sections": [_section(section) for section in checklist.sections],
    }
    return compiled(TypstDocument("blank.typ", data, lines=True), "pdf", standards=("ua-1",))


def _section(section: Section) -> dict[str, Data]:
    return {
        "title": plain(section.title),
        "about": plain(section.about),
        "items": [_item(item) for item in section.items],
    }


def _item(item: Item) -> dict[str, Data]:
    return {
        **_asked(item),
        "why": plain(item.why),
        "due": f"T−{item.due}" if item.due is not None else "",
        "skip": not item.always_applies,
        "fields": [{**_asked(field), "ask": question(item, field)} for field in item.fields],
    }


def _asked(asked: Asked) -> dict[str, Data]:
    return {
        "label": plain(asked.label),
        "ask": plain(asked.ask),
        "kind": str(asked.kind),
        "options": [choice.label for choice in asked.choices.values()],
    }


def question(item: Item, field: Field) -> str:
    """What a form's field asks, below what its item asks: where both say the same, its label is enough."""
    return plain(field.label if field.ask == item.ask else field.ask)


def plain(text: str) -> str:
    """A text of the checklist before anything is known: names in braces say what belongs there."""
    return text.replace("{counterpart}", "the counterpart").replace("{subject}", "the subject")
