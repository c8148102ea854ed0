"""Which module makes which form of `bot.domain.export_formats`. Each is imported when it is first asked for."""

from __future__ import annotations

from bot.domain.checklist import Checklist
from bot.domain.export_formats import BLANK, EXPORT_FORMATS, Progress, unheeded
from bot.domain.report.builder import Report


def written(form: str, report: Report, progress: Progress = unheeded) -> bytes:
    """A report in one of the forms; the same report gives the same bytes.

    ``progress`` hears of each step where the form has any: the others are made at one go.
    """
    match form:
        case "pdf":
            from bot.exports.pdf.brief import brief

            return brief(report, progress)
        case "word":
            from bot.exports.word.document import word

            return word(report, progress)
        case "excel":
            from bot.exports.spreadsheet.xlsx import excel

            return excel(report, progress)
        case "csv":
            from bot.exports.spreadsheet.csv import comma

            return comma(report)
        case "html":
            from bot.exports.html import webpage

            return webpage(report)
        case "calendar":
            from bot.exports.icalendar import calendar

            return calendar(report)
        case "markdown":
            from bot.exports.markdown import markdown

            return markdown(report).encode()
        case _:
            msg = f"no report comes as {form}; known are {', '.join(EXPORT_FORMATS)}"
            raise LookupError(msg)


def blank(form: str, checklist: Checklist) -> bytes:
    """A checklist without answers, to fill in by hand."""
    match form:
        case "pdf":
            from bot.exports.pdf.blank import blank_pdf

            return blank_pdf(checklist)
        case "word":
            from bot.exports.word.blank_form import blank_word

            return blank_word(checklist)
        case _:
            msg = f"no blank form comes as {form}; known are {', '.join(BLANK)}"
            raise LookupError(msg)
