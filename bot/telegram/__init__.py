"""The Telegram face: updates to the desk, places to the chats. No rules, no SQL, no words of the dialog."""
