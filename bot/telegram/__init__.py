"""The Telegram face: updates to the desk, places to the chats. No rules, no SQL, no words of the dialog."""

import os

# PTB hands out durations as `timedelta`, as its next major version will; else it warns at each voice message.
os.environ.setdefault("PTB_TIMEDELTA", "true")
