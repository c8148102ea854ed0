"""What the pages of the lead's desk say beside what places say, and what pages inside Telegram say."""

from __future__ import annotations

from types import MappingProxyType

BOARD = MappingProxyType(
    {
        "desk": "Desk",
        "chat": "Conversation",
        "title": "Desk: {counterpart}",
        "skip": "Skip to the talks",
        "parts": "Parts of this page",
        "readiness": "Readiness",
        "trend": "Trend",
        "trend_words": "The same in words",
        "gaps": "Gaps",
        "checklist": "Checklist",
        "changed": "What changed",
        "delegation": "Delegation",
        "exports": "Take away",
        "talks": "Other talks",
        "nothing": "You belong to no negotiation yet. Open one, or ask your lead, in the conversation.",
        "shown": "{shown} of {all} shown",
        "none": "No gap is open that matches.",
        "severity": "Severity",
        "owner": "Owner",
        "section": "Section",
        "sort": "Order",
        "all": "all",
        "nobody": "nobody",
        "by_severity": "worst first",
        "by_due": "soonest first",
        "by_owner": "by owner",
        "filter": "Show",
        "reset": "Show all",
        "due": "Due",
        "do": "Do",
        "late": "late",
        "mend": "How to mend it: {mend}",
        "waived": "Waived by {by} until {until}: {reason}",
        "item": "Item",
        "answer": "Answer",
        "state": "State",
        "by": "Last written by",
        "evidence": "Evidence: {evidence}",
        "blank": "blank",
        "rows": "{item}: rows",
        "back": "Back to the desk",
        "yours": "What you wrote, to copy",
    }
)

# Pages inside Telegram: the one that signs in, and its one refusal, which tells nobody why.
APP = MappingProxyType(
    {
        "title": "One moment",
        "opening": "Telegram tells this page who you are. What you type here goes to your office’s server alone.",
        "refused_title": "This page stays closed",
        "refused": "Open it anew by the button in the chat with the bot. It works for the bot’s own delegations only.",
        "no_script": "This page needs JavaScript, to be told by Telegram who you are.",
        "sealed": "Telegram does not see what you type here: it goes to your office’s server alone.",
    }
)
