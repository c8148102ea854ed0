"""The JSON Schema of a checklist, by which editors complete and explain while one is written."""

from __future__ import annotations

from typing import Any

from bot.domain.checklist import Checklist

DIALECT = "https://json-schema.org/draft/2020-12/schema"
NAME = "urn:negotiation-readiness:checklist"

ASKED = {
    "id": "Names this here and in conditions. Never changed once a negotiation is open.",
    "label": "What it is called on buttons and in reports.",
    "ask": "The question, as it is put to a person.",
    "kind": "What an answer is.",
    "options": "What can be chosen, for the kinds choice and choices.",
    "ordered": "Whether a choice's options are steps, the lowest first, that can be compared.",
    "past": "Whether a date asks when something happened: 12 March is the last one, a day to come is asked back.",
    "asked_of": "Who can know it: them, us or others. What is theirs can become a question to them.",
    "internal": "Whether it is left out of the partner version from the opening on.",
    "show_if": "Asked only while this holds.",
}
MEANINGS: dict[str, dict[str, str]] = {
    "Checklist": {
        "format": "2 for the defaults of today, names compared by their looks among them; without it, the first ones.",
        "id": "The file's name without .yaml.",
        "version": "Raised with every change that is put to use.",
        "title": "What the checklist is called.",
        "about": "For which talks it is.",
        "source": "Where its points come from.",
        "counterpart": "The other side, where every negotiation has the same.",
        "subject": "What is talked about, where every negotiation has the same.",
        "opening": "What is asked when a negotiation is opened.",
        "gates": "Days before the talks by which something must be closed, the farthest first.",
        "signatures": "How many leads sign before the delegation goes.",
        "points": "The source's points, paraphrased, by their ids. Each is named by an item.",
        "sections": "The items, in the order in which they are asked.",
    },
    "Requests": {
        "words": "The field with the words to be read out; the row's name, where it is blank.",
        "to": "The field that says whom of them we ask.",
        "by": "The field that says who of us asks.",
        "goal": "The field that says which goal it serves.",
    },
    "Section": {
        "id": "Names the section.",
        "title": "What the section is called.",
        "about": "What it settles.",
        "items": "What is asked, in order.",
    },
    "Item": ASKED
    | {
        "why": "Why it is asked.",
        "from": "The points it comes from.",
        "example": "An answer, to show what is wanted.",
        "due": "Days before the talks by which it is settled.",
        "valid_for": "Days after which an answer is confirmed anew.",
        "locked": "What must hold before it can be answered.",
        "not_applicable": "Whether it may be said not to apply.",
        "unanswered": "How much it weighs while nothing is answered.",
        "fields": "What is asked of each row, or in the form.",
        "named_by": "The field that rows are called by; the first, unless given.",
        "requests": "Says that rows are requests to the other side, which head the questions for the first session.",
        "rows": "Rows that are there from the start.",
        "gaps": "When an answer leaves a gap.",
    },
    "Field": ASKED
    | {
        "required": "Whether a row without it is incomplete.",
        "of": "The table whose rows it points at, for the kind row.",
    },
    "Option": {"id": "Names the option in conditions.", "label": "What it is called on buttons."},
    "Opener": {
        "id": "Names the answer, in braces, in texts.",
        "label": "What it is called.",
        "ask": "The question.",
        "lines": "Whether the answer is a list, one entry a line.",
    },
    "Gate": {
        "days": "Days before the talks.",
        "label": "What the gate is called.",
        "closes": "Gaps of this severity and worse must be closed or waived; without it, what is due by then.",
    },
    "GivenRow": {
        "id": "Names the row, for pointers at it.",
        "forced": "Whether the row cannot be removed.",
        "cells": "What stands in it, by field: text, option, ISO date, number in quotes, or id of a row.",
        "each": "The opening question that gives one row a line.",
        "into": "The field that takes the line.",
    },
    "GapRule": {
        "id": "Names the rule within its item.",
        "severity": "How much the gap weighs.",
        "waivable": "Whether a lead may accept the gap.",
        "each": "Whether every row is judged on its own.",
        "unless_gap": "The gap, as item/rule, while which is open this one is silent.",
        "lighter": "When it weighs less, and how much then.",
        "when": "The gap is open while this holds.",
        "says": "What is wrong; {row} is the row's name where rows are judged one by one.",
        "mend": "What to do about it.",
        "from": "The points it comes from, where they are not its item's.",
    },
    "Lighter": {"when": "What must hold.", "severity": "How much the gap weighs then."},
    "Lock": {"until": "What must hold.", "says": "What a person is told until then."},
}


def checklist_schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of a checklist file, its keys explained."""
    schema = Checklist.model_json_schema(by_alias=True)
    models = {"Checklist": schema, **schema["$defs"]}
    for name, meanings in MEANINGS.items():
        for key, meaning in meanings.items():
            if key in models[name]["properties"]:
                models[name]["properties"][key]["description"] = meaning
    models["Fact"] |= {"minProperties": 2, "maxProperties": 2}  # "the" and one predicate
    models["Count"]["oneOf"] = [{"required": ["over"]}, {"required": ["under"]}]
    return {"$schema": DIALECT, "$id": NAME, **schema, "title": "A negotiation-readiness checklist"}
