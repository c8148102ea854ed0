"""Every conversation in transcripts/*.chat comes out as it is written there."""

from pathlib import Path

import pytest

from tests.transcript import replayed

CHATS = sorted((Path(__file__).parent / "transcripts").glob("*.chat"))


@pytest.mark.parametrize("chat", CHATS, ids=lambda path: path.stem)
def test_the_conversation_comes_out_as_it_is_written(chat: Path, tmp_path: Path, *, update: bool) -> None:
    written = chat.read_text()
    heard = replayed(written, tmp_path)
    if update:
        chat.write_text(heard)
    assert "(there is no button" not in heard, "somebody taps what is not there"
    assert heard == (heard if update else written)
