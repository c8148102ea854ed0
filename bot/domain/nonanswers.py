"""Words typed where an answer is due that say nothing: one list for every face.

They are compared whole, without case, blanks and marks. An option's own label or synonym wins over them,
which is for the caller to know.
"""

from __future__ import annotations

import unicodedata

from bot.domain.folding import folded


def _squeezed(text: str) -> str:
    """The letters and digits of a text: what "T.B.D.", "tbd" and "(TBD)?" share."""
    return "".join(char for char in folded(text) if char.isalnum())


def _squeezed_all(texts: str) -> frozenset[str]:
    return frozenset(_squeezed(text) for text in texts.replace("\n", ",").split(","))


FILLERS = {"yet", "still", "we", "i", "so", "far", "currently", "at", "present", "now", "please"}
MOST_WORDS = 20  # of a text that may say nothing; a longer one says something, and looking at each word costs
UNKNOWNS = _squeezed_all("""\
unknown, unknown to us, not known, not known to us, don't know, do not know, dunno, idk, no idea
unbekannt, inconnu, desconocido, неизвестно, 未知""")

NON_ANSWERS = _squeezed_all("""\
tbd, tbc, tba, tbs, tbn, n/a, n.a., none, nothing, nil, null, blank, empty, missing, pending, not applicable
not available, not specified, not stated, not defined, not set, not agreed, not decided, not yet, not sure, unspecified
undefined, undecided, unsure, unclear, no answer, no information, no info, no data, no reply, to be confirmed
to be determined, to be decided, to be defined, to be advised, to be announced, to be agreed, to be clarified
to be checked, to be completed, to be discussed, to be filled in, to be provided, to be specified, to be supplied
to be done, to come, to follow, will follow, coming soon, to do, wip, work in progress, in progress, under discussion
under review, awaiting, awaiting reply, awaiting confirmation, waiting, on hold, placeholder, fill in, fill in later
xx, xxx, xxxx, see above, as above, same as above, same, as before, ditto, test, testing, asdf
don't have one, do not have one, don't have any
k.A., keine, keine Angabe, offen, à définir, por definir, pendiente, уточняется, 待定, 待确认, 未定, 无""")

# Words said to the program rather than to the question; where a button of this name is shown, they tap it.
SCREEN_WORDS = _squeezed_all("""\
abort, add, add a row, again, back, back to the table, cancel, clear, close, continue, delete, done, edit, evidence
exit, finish, forward, gaps, go back, go on, go to the item, help, history, home, keep as text, keep what is there
later, leave, leave all the rest, leave for later, leave it, main menu, menu, mine, my work, newer, next, next item
next question, nothing to list, ok next, older, open it, owner, owner: nobody, pass, previous, quit, record, record it
redo, remove, remove it, reset, restart, save, sections, set a date, shortest way, sign this state, sign-off, skip
skip it, skip this, start, start over, still holds, stop, stop here, submit, summary, take, take all the rest
take away, these rows hold, this row holds, to the section, undo, undo that, unknowns, update, use mine, waive
what changed, why, write it now
delete that, delete this, ok, okay, hello, hi, hold on, never mind, oops, sorry, thank you, thanks, wait
wait a moment, what""")


def says_unknown(text: str) -> bool:
    """Whether a text says that something is not known: in words, or as nothing but question marks."""
    return _is_one(text, UNKNOWNS) or (_marks_alone(text) and "?" in folded(text))


def says_nothing(text: str) -> bool:
    """Whether a text is no answer: "TBD", "n/a", "pending", or nothing but marks."""
    return _is_one(text, NON_ANSWERS) or _marks_alone(text)


def says_not_applicable(text: str) -> bool:
    """Whether a text says that the question does not apply."""
    return _squeezed(text) in {"na", "notapplicable"}


def is_screen_word(text: str) -> bool:
    """Whether a text is said to the program: "back", "cancel", "undo", or a mere sign such as an emoji."""
    return _squeezed(text) in SCREEN_WORDS or not (_marks_alone(text) or any(map(str.isalnum, text)))


def _is_one(text: str, words: frozenset[str]) -> bool:
    """Whether a text is one of some words, with or without others that change nothing: "we do not know yet"."""
    if len(text.split()) > MOST_WORDS:
        return False
    told = [_squeezed(word) for word in text.split()]
    return "".join(told) in words or "".join(word for word in told if word not in FILLERS) in words


def _marks_alone(text: str) -> bool:
    """Whether there is nothing in a text but punctuation."""
    marks = [char for char in folded(text) if not char.isspace()]
    return bool(marks) and all(unicodedata.category(char)[0] == "P" or char in "+=~|^`´<>" for char in marks)
