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
