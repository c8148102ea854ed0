"""A rich sample negotiation: something of everything, and whatever somebody might type to do harm.

Names are plainly samples; the words in other scripts say "sample" too.
"""

from __future__ import annotations

from bot.domain.answers import UNKNOWN, NotApplicable, Text
from bot.domain.checklist import Kind
from bot.domain.events import (
    Answered,
    AnyEvent,
    Assigned,
    Confirmed,
    DueSet,
    Evidence,
    EvidenceAdded,
    Handling,
    Pursued,
    Rescheduled,
    RowPut,
    RowRemoved,
    TakenBack,
)
from bot.domain.negotiation import Happened, Negotiation
from bot.domain.report.builder import CellContent, Report
from tests.factories import TALKS, happen, happened, story

LONG = "A long sample text. " * 2000  # 40,000 characters
SCRIPTS = ("样本代表团 (样本)", "وفد العينة ٣", "Образцовая делегация", "מדגם משלחת", "견본 대표단", "🛰️ sample 🚀")
HOSTILE = (
    '=HYPERLINK("http://sample.example","x")',
    "+1+1",
    "-2+3|cmd",
    "@SUM(1)",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    " =1+1",
    "＝1+1",
    "'=1",
    "'quoted'",
    "(unknown)",
    "unknown",
    "(not applicable) says who",
    "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "<w:p/>]]>&amp;&#x41;<!-- --><![CDATA[x]]>",
    "nul\x00 bell\x07 escape\x1b[31m delete\x7f",
    "half \ud800 and \udfff",
    "abc\u202egnp.exe",
    "\u2067isolated\u2069 \u200fmark",
    "no \ufffe \uffff character",
    "_x0041_ _x000D_",
    "{=1+1}",
    "a | b, c; d\te\nf\r\ng\u2028h",
    "\"quotes\" “quotes” 'quotes'",
    "#typst $x$ *strong* _em_ \\escape @ref <label>",
    "  two blanks before and after  ",
    "1.50",
    "2027-03-12",
    "https://sample.example/?a=1&b=2",
    *SCRIPTS,
)


def rich(rows: int = 500) -> tuple[Negotiation, tuple[Happened, ...]]:
    """The sample on the checklist `us-china-space`, with this many rows in one table."""
    n, line = story(
        checklist="us-china-space",
        answers={"crewed": "no"},
        rows={
            "goals": {
                f"g{nth}": {
                    "goal": text,
                    "want": "must" if nth % 2 else "want",
                    "rank": str(nth),
                    "measure": text,
                    "approved_on": "2027-01-10",
                }
                for nth, text in enumerate(HOSTILE, start=1)
            },
            "asks": {
                "k1": {"ask": "Who signs a sample", "topic": "decisions", "goal": "g1"},
                "k2": {"ask": "Who signs a sample", "topic": "budget", "goal": "g2", "owner": UNKNOWN},
            },
            "mandate": {"form": {"giver": SCRIPTS[0], "given_on": "2027-01-04", "scope": LONG, "negotiator": UNKNOWN}},
            "walk_away": {"form": {"plan": HOSTILE[0], "owner": "(unknown)"}},
            "deciders": {
                f"d{nth}": {
                    "office": f"Sample office {nth}, {SCRIPTS[nth % len(SCRIPTS)]}",
                    "power": "approve veto" if nth % 3 else UNKNOWN,
                    "person": f"Sample official {nth}" if nth % 5 else UNKNOWN,
                    "organ": "state",
                    "verified_on": "2026-12-10",
                }
                for nth in range(1, rows + 1)
            },
        },
        waived={"mandate": "The letter is signed; =1+1."},
        counterpart="Sampleland <&> 样本",
        subject="a sample & its \u202e“subject”",
    )
    events: tuple[AnyEvent, ...] = (
        Handling(text="SAMPLE HANDLING <b>&amp; نموذج"),
        EvidenceAdded(item="mandate", evidence=Evidence(id="e1", form="file", text="=letter.pdf", size=20480)),
        EvidenceAdded(item="goals", evidence=Evidence(id="e2", form="link", text="https://sample.example/a")),
        Assigned(target="goals", people=("maya", "omar")),
        DueSet(target="asks", day=TALKS),
        Pursued(spot="mandate/form/negotiator", course="task"),
        Rescheduled(talks_on=TALKS),
        Confirmed(item="goals"),
        RowPut(item="withheld", row="w1", cells={"what": Text(text="Written and removed")}),
        RowRemoved(item="withheld", row="w1"),
        RowPut(item="balance", row="b1", cells={"what": Text(text="Taken back")}),
        TakenBack(item="balance"),
        Answered(item="worth", answer=NotApplicable(reason="=Nothing is withheld")),
        Answered(item="verdict", answer=UNKNOWN),
    )
    more = list(line)
    for event in events:
        more.append(happened(n, event))
        n = happen(n, event)
    return n, tuple(more)


def said(report: Report) -> list[str]:
    """Every text, number and date that people answered, as the report gives it."""
    cells = [
        cell
        for section in report.sections
        for item in section.items
        for cell in (item.answer, *(cell for line in item.lines for cell in line.cells[item.kind == Kind.FORM :]))
    ]
    return [cell.text for cell in cells if cell.sort in {CellContent.SAID, CellContent.NOT_APPLICABLE}]
