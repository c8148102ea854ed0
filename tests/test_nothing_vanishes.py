"""Nothing that a person sent vanishes unsaid: it is recorded, it waits, or an answer says what became of it.

Omar types, corrects, sends files, taps whatever is shown and goes away, in any order, while Maya signs, answers where
he is, and takes away the rows that he looks at. Every message of his carries a word of its own. After each step a
word that was sent is in what is recorded or in the draft that waits; where it is in neither any more, it stands in
what he reads.
"""

from __future__ import annotations

import io
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import openpyxl
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.domain.answers import Text
from bot.domain.events import Answered, RowPut, RowRemoved, Signed
from bot.domain.sign_off import state_hash
from tests.api import Chat, Delegation, FileReply, Hooks, Response

pytestmark = pytest.mark.slow

SAYS_WHAT_BECAME_OF_IT = (
    "Nothing was recorded", "Not recorded: ", "Not recorded. ", "was not kept", "changes nothing", "Nothing was added",
)  # fmt: skip
FINAL = {"Leave"}  # after which nobody is heard any more
NOW = datetime(2027, 2, 15, 10, tzinfo=UTC)


@dataclass
class Sent:
    """What Omar has sent so far: the words whose fate is open, and the last one that he typed."""

    chat: Chat
    numbers: Iterator[int] = field(default_factory=lambda: count(1))
    open: set[str] = field(default_factory=set)
    typed: str = ""

    def word(self) -> str:
        """A word that was never sent before."""
        return f"zq{next(self.numbers):03d}x"


def settle(sent: Sent, response: Response, new: str = "") -> None:
    """Look what became of every word that is open, once a step was answered; ``new`` was sent in it."""
    there = sent.chat.installation
    recorded, draft = repr(there.events()), sent.chat.draft
    for word in [*sent.open, *([new] if new else [])]:
        told = word in response.text or (word == new and any(one in response.text for one in SAYS_WHAT_BECAME_OF_IT))
        if word in recorded:
            sent.open.discard(word)
        elif word in draft:
            sent.open.add(word)
        else:
            assert told, f"{word} vanished unsaid; what came then:\n{response.text}"
            sent.open.discard(word)


# What Omar does


PLACES = {
    "a text": ("Limit expectations", "Minimum acceptable outcome", "Public line"),
    "a choice": ("Limit expectations", "Crewed flight"),
    "a table": ("Authority", "Red lines"),
    "a row": ("Authority", "Red lines", "No sample drawings"),
    "a day": ("Authority", "Our mandate", "Given on"),
    "evidence": ("Limit expectations", "Crewed flight", "Evidence"),
    "why it does not apply": ("Consult allies", "Wider effects", "Not applicable"),
}
SHAPES: dict[str, Callable[[str], str]] = {
    "a word": lambda word: word,
    "a sentence": lambda word: f"We agreed on {word}, at last.",
    "a row": lambda word: f"{word}\nSample assembly\nNo",
    "two rows": lambda word: f"{word}; Sample assembly; No\nNo other {word}; Sample assembly; No",
    "a name": lambda word: f"Public line: {word}",
    "a list": lambda word: f"- {word}\n- And more of it",
    "many words": lambda word: f"{word} " + "and so on " * 450,
}


def goes(sent: Sent, where: str) -> None:
    chat = sent.chat
    settle(sent, chat.types("/sections"))
    for words in PLACES[where]:
        label = next((one for one in chat.screen.labels if words in one), None)
        if label is None:
            return
        settle(sent, chat.taps(label))


def commands(sent: Sent, command: str) -> None:
    settle(sent, sent.chat.types(command))


def types(sent: Sent, shape: str) -> None:
    word = sent.typed = sent.word()
    settle(sent, sent.chat.types(SHAPES[shape](word)), word)


def corrects(sent: Sent, shape: str) -> None:
    """The sender replaced the words that were in the message before."""
    if not sent.typed:
        return
    word, before = sent.word(), sent.typed
    response = sent.chat.edits(SHAPES[shape](word))
    if "counts" in response.text:
        sent.open.discard(before)
        sent.typed = word
    settle(sent, response, word)


def sends_a_file(sent: Sent, ending: str) -> None:
    word = sent.word()
    if ending == "xlsx":
        book, out = openpyxl.Workbook(), io.BytesIO()
        book.active.append([f"No more {word}", "Sample assembly", "No"])
        book.save(out)
        name, body = f"{word}.xlsx", out.getvalue()
    else:
        name, body = f"{word}.{ending}", f"%PDF-1.7 {word}".encode()
    reply = FileReply("f", name, len(body), caption=f"{word} again")
    settle(sent, sent.chat.sends(sent.chat.update(reply, file=body)), word)


def taps(sent: Sent, nth: int) -> None:
    labels = [one for one in sent.chat.screen.labels if one.rstrip("…") not in FINAL]
    label = labels[nth % len(labels)]
    where = sent.chat.screen.labels.index(label) + 1
    settle(sent, sent.chat.taps(f"#{where}"))


def taps_an_old_button(sent: Sent, nth: int) -> None:
    """One that leads to an item, from a message further up."""
    items = ("2>f~minimum~form~public~0", "1>i~crewed~0", "1!pick:yes@i~crewed~0", "1!holds:@t~red_lines~0~0")
    response = sent.chat.taps_old(items[nth % len(items)])
    settle(sent, Response("Omar", True, False, "", (), None, None, (sent.chat.screen.whole, response.notice)))  # noqa: FBT003


# What Maya does meanwhile


def maya_signs(sent: Sent) -> None:
    there = sent.chat.installation
    there.happens(Signed(state=state_hash(there.negotiation()), verdict="no_go", words="Not yet."))


def maya_answers(sent: Sent) -> None:
    there = sent.chat.installation
    there.happens(
        RowPut(item="minimum", row="form", cells={"public": Text(text="What Maya says")}),
        Answered(item="crewed", answer=None),
    )


def maya_removes_a_row(sent: Sent) -> None:
    there = sent.chat.installation
    rows = there.negotiation().record("red_lines").rows
    if rows:
        there.happens(RowRemoved(item="red_lines", row=next(iter(rows))))


STEPS = st.one_of(
    st.tuples(st.just(goes), st.sampled_from(list(PLACES))),
    st.tuples(st.just(commands), st.sampled_from(["/summary", "/continue", "/home", "/talks", "/help"])),
    st.tuples(st.just(types), st.sampled_from(list(SHAPES))),
    st.tuples(st.just(types), st.sampled_from(list(SHAPES))),
    st.tuples(st.just(corrects), st.sampled_from(list(SHAPES))),
    st.tuples(st.just(sends_a_file), st.sampled_from(["pdf", "xlsx", "exe"])),
    st.tuples(st.just(taps), st.integers(0, 30)),
    st.tuples(st.just(taps), st.integers(0, 30)),
    st.tuples(st.just(taps_an_old_button), st.integers(0, 3)),
    st.tuples(st.sampled_from([maya_signs, maya_answers, maya_removes_a_row])),
)


@given(st.lists(STEPS, min_size=2, max_size=10))
@example([(goes, "a table"), (types, "two rows"), (commands, "/summary")])
@example([(goes, "a table"), (types, "a row"), (types, "a row"), (taps_an_old_button, 2)])
@example([(maya_signs,), (goes, "a text"), (types, "a word"), (corrects, "a word"), (taps, 0)])
@example([(maya_signs,), (goes, "evidence"), (sends_a_file, "pdf"), (commands, "/home")])
@example([(goes, "a table"), (sends_a_file, "xlsx"), (types, "a row"), (commands, "/help")])
@example([(goes, "a row"), (types, "a row"), (maya_removes_a_row,), (taps, 0)])
def test_nothing_that_is_sent_vanishes_unsaid(steps: list[tuple[object, ...]]) -> None:
    with tempfile.TemporaryDirectory() as folder, Delegation(Path(folder), at=NOW) as made:
        made.opens("us-china-space", "Maya lead", "Omar member", settled=True)
        made.goes_on()
        sent = Sent(made.chat("Omar"))
        for step, *more in steps:
            step(sent, *more)  # type: ignore[operator]  # each step takes its own


def test_a_bot_that_forgets_what_waits_is_found_out(faults: Hooks) -> None:
    faults.on("forgets_what_waits")
    with pytest.raises(AssertionError, match="vanished unsaid"):
        test_nothing_that_is_sent_vanishes_unsaid()


def test_a_bot_that_takes_no_correction_is_found_out(faults: Hooks) -> None:
    faults.on("forgets_corrections")
    with pytest.raises(AssertionError, match="vanished unsaid"):
        test_nothing_that_is_sent_vanishes_unsaid()


def test_who_follows_an_invitation_is_told_what_waited(maya: Chat, omar: Chat) -> None:
    """The link opens the door of other talks, and leaves a draft behind."""
    omar.goes_to("Authority", "Red lines")
    omar.types("No sample engines\nSample assembly\nNo")
    maya.types("/team")
    maya.taps("Invite a lead")
    assert "Not recorded: No sample engines" in omar.joins()


@pytest.mark.parametrize("left", ["/summary", "/home"])
def test_changes_of_a_file_that_were_not_looked_at_are_not_left_unsaid(
    delegation: Delegation, maya: Chat, left: str
) -> None:
    from tests.edited import edited_excel

    maya.types("/take")
    maya.taps("Excel, to work on")
    maya.sends_back(edited_excel(delegation.brought["Maya"], {("items", "crewed", "answer"): "No"}))
    assert "Not recorded: 1 change of the file" in maya.types(left)


def test_a_day_that_was_in_doubt_is_not_left_unsaid(maya: Chat) -> None:
    maya.types("/team")
    maya.taps("Move the talks")
    maya.types("3/4/27")
    assert "Not recorded: 3/4/27" in maya.types("/summary")
