"""What came of cases as JUnit's XML, which systems that build and test show."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from xml.etree import ElementTree as ET

from bot.authoring.cases import CaseOutcome


def junit(outcomes: Mapping[Path, Iterable[CaseOutcome]]) -> bytes:
    """The outcomes of each checklist's file as XML, a suite each."""
    root = ET.Element("testsuites", name="readiness check")
    for checklist, tried in outcomes.items():
        listed = list(tried)
        failed = sum(1 for outcome in listed if outcome.mistakes)
        suite = ET.SubElement(
            root, "testsuite", name=str(checklist), tests=str(len(listed)), failures=str(failed), errors="0"
        )
        for nth, outcome in enumerate(listed, start=1):
            name = (outcome.case and outcome.case.name) or f"case {nth}"
            case = ET.SubElement(suite, "testcase", classname=outcome.file.stem, name=name, file=str(outcome.file))
            for mistake in outcome.mistakes:
                ET.SubElement(case, "failure", message=f"{mistake.what}. {mistake.mend}").text = str(mistake)
    ET.indent(root)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{ET.tostring(root, encoding="unicode")}\n'.encode()
