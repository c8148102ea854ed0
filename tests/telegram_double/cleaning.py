"""What Telegram makes of a text before a bot reads it, and before people read what a bot sends.

Source: tdlib/td, td/telegram/misc.cpp (clean_input_string, replace_offending_characters, strip_empty_characters)
and td/telegram/MessageEntity.cpp: fix_formatted_text, which get_message_text calls for each message that comes in.
"""

from __future__ import annotations

import re

# clean_input_string: each becomes a space; a line feed stays.
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")

# clean_input_string: gone without a trace. Line and paragraph separators, embeddings and overrides of direction, and
# three marks that combine with the letter before: among them the ring of a decomposed "Å".
_GONE = re.compile("[\r\u2028-\u202e\u0333\u033f\u030a]")

# replace_offending_characters: of several direction marks in a row the last one stays one.
_MARK_BEFORE_MARK = re.compile("[\u200e\u200f](?=[\u200e\u200f])")

# strip_empty_characters: what it takes for a space, and what is nothing to see beside spaces.
_SPACES = re.compile("[\u1680\u180e\u2000-\u200a\u202f\u205f\u2800\u3000\ufffc\U000e0000-\U000e007f]")
_UNSEEN = " \n\u200b\u200c\u200d\u200e\u200f\u202e\ufeff\u00a0"


def cleaned(text: str) -> str:
    """Return the text without what Telegram does not keep; its ends are left alone."""
    return _MARK_BEFORE_MARK.sub("\u200c", _GONE.sub("", _CONTROL.sub(" ", text)))


def trimmed(text: str) -> str:
    """Return the text without blanks and line feeds at its ends: no other space goes. fix_formatted_text."""
    return text.strip(" \n")


def is_empty(text: str) -> bool:
    """Tell whether nothing in a text can be seen. is_empty_string."""
    return not _SPACES.sub(" ", text).strip(_UNSEEN)
