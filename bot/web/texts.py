"""What pages in the browser say beside the conversation: at the door, and when something goes wrong."""

from __future__ import annotations

from types import MappingProxyType

NAME = "Negotiation readiness"
FAULT = "Something went wrong here, and nothing was saved. Please try it again."

# What the page itself is made of: labels of its own controls, and what a screen reader is told of its parts.
PAGE = MappingProxyType(
    {
        "app": NAME,
        "skip": "Skip to the conversation",
        "people": "Who you are",
        "all": "Side by side",
        "conversation": "Conversation of {name}",
        "buttons": "What {name} can tap",
        "write": "Write a message",
        "short": "Message",
        "send": "Send",
        "file": "Send a file",
        "chosen": "The file goes with what you write",
        "menu": "Menu",
        "you": "You",
        "bot": "Bot",
        "sign_out": "Sign out",
        "desk": "Desk",
        "passphrase": "Passphrase",
        "offline": "The connection is lost. What you see may be old; it is tried again by itself.",
        "failed": "That was not sent. Please try it again.",
        "download": "Download",
        "sample": "A sample to try things on: be any of its three people. Only this computer can open it.",
    }
)

DOOR = MappingProxyType(
    {
        "title": "Sign in",
        "closed": "This works for its own delegations only. Open the invitation link that your lead sent you.",
        "closed_sample": "Open the address that the terminal shows. Its key works once; a new one is printed then.",
        "void": "This link opens nothing any more: it works once, for seven days. Ask your lead for a new one.",
        "join": "Come in",
        "named": "This link signs you in as {name}. It works once.",
        "name": "Your name",
        "name_why": "The delegation sees it beside what you answer.",
        "nameless": "Please give your name.",
        "welcome": "You are invited to prepare talks with your delegation.",
        "here": "You are signed in as {name}. To come in as somebody else, sign out first.",
    }
)

# The page that asks for a passphrase. A rule is told before it is broken.
PHRASE = MappingProxyType(
    {
        "enter": "Your passphrase, {name}",
        "enter_why": "These talks are shown once you have entered your passphrase, once in each session.",
        "lost": "Forgotten? A lead can reset it in the conversation, under Team and your name; a lead who is alone "
        "asks whoever runs the server.",
        "choose": "Choose a passphrase, {name}",
        "choose_why": "Your leads want everybody to have a passphrase of their own before these talks are shown. You "
        "enter it once in each session. Nobody can read it, and a lead can only reset it. Never send it in a chat.",
        "change": "Change your passphrase, {name}",
        "change_why": "You stay signed in here, and are signed out everywhere else.",
        "current": "Passphrase",
        "now": "Your passphrase now",
        "new": "New passphrase",
        "again": "The same once more",
        "rule": "At least 12 characters, not counting your name. Several words that do not belong together are good.",
        "enter_do": "Open",
        "choose_do": "Keep it, and open",
        "change_do": "Change it",
        "changed": "Your passphrase is changed.",
        "wrong": "That is not your passphrase.",
        "wait": "Too many wrong tries. Try again in {wait}; until then none is looked at.",
        "short": "That is too short: at least 12 characters are needed, not counting your name.",
        "plain": "That repeats too few characters. Take several words.",
        "long": "That is too long: 200 characters at most.",
        "differs": "The two are not the same. Type it twice.",
        "meanwhile": "It was changed or reset meanwhile. Nothing was recorded; please begin again.",
        "back": "Back",
    }
)

# What went wrong, by HTTP status: title and what to do.
WRONG = MappingProxyType(
    {
        400: ("That cannot be read", "Go back and try it again. Nothing was recorded."),
        403: ("That did not come from this page", "Open the page anew and try it again. Nothing was recorded."),
        404: ("There is nothing here", "It may have been here before. Go back to the conversation."),
        405: ("There is nothing here", "Go back to the conversation."),
        410: ("The file is not kept any more", "Ask for it again in the conversation."),
        413: ("That is too large", "Send a document of up to 10 MB. Nothing was recorded."),
        421: ("That is not this server’s address", "Open the address that the terminal or your lead gave you."),
        429: ("That was a lot at once", "Wait a few seconds and try it again. Nothing was recorded."),
        500: ("Something went wrong", FAULT),
        503: ("Something went wrong", FAULT),
    }
)
BACK = "To the conversation"
