"""A text with its slips corrected: what was wrong on each line, and which place in the text each of its places is."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import replace

from bot.authoring.diagnostics import Mistake, Position
from bot.authoring.slips import Edit, Slip, applicable, corrected


class Proof:
    """The corrected text of a file, and its slips as mistakes."""

    def __init__(self, text: str, file: str, slips: list[Slip]) -> None:
        """Correct the text."""
        edits = applicable(edit for slip in slips for edit in slip.edits)
        self.corrected = corrected(text, edits)
        self._begins = [0, *(at + 1 for at, sign in enumerate(text) if sign == "\n")] if slips else []
        self._edits: dict[int, list[Edit]] = {}
        for edit in edits:
            self._edits.setdefault(self._at(edit.start).line, []).append(edit)
        meant = self.corrected.split("\n")
        self.mistakes: list[Mistake] = []
        for slip in slips:
            at = self._at(slip.at)
            alone = slip.also or all(self._at(edit.start).line == at.line for edit in slip.edits)
            line = meant[at.line - 1].rstrip("\r") if alone else ""
            below = f", as on {slip.also} line{'s' * (slip.also != 1)} below" if slip.also else ""
            self.mistakes.append(Mistake(file, at.line, at.column, slip.what + below, slip.mend, line, slip.tolerated))

    def position(self, at: Position) -> Position:
        """Where in the text stands what stands there in the corrected text."""
        column, begin = at.column - 1, self._begins[at.line - 1]
        shift = 0
        for edit in self._edits.get(at.line, ()):
            start = edit.start - begin
            if column < start + shift:
                break
            if column < start + shift + len(edit.new):
                return Position(at.line, start + 1)
            shift += len(edit.new) - (edit.end - edit.start)
        return Position(at.line, column - shift + 1)

    def placed(self, mistake: Mistake) -> Mistake:
        """A mistake of the corrected text, where it is in the text."""
        at = self.position(Position(mistake.line, mistake.column))
        return replace(mistake, line=at.line, column=at.column)

    def _at(self, offset: int) -> Position:
        line = bisect_right(self._begins, offset)
        return Position(line, offset - self._begins[line - 1] + 1)
