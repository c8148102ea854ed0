"""How a person is reminded: on or off, a daily digest, their time zone, their quiet hours."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from bot.dialog.contract import Action, Button, ButtonReply, Context, Link, Message, Outcome, Place, Reply, TextReply
from bot.dialog.screens.home import Home
from bot.domain.access.permissions import Permission
from bot.domain.reminders import QUIET, NotificationPreferences
from bot.domain.timezones import named

DAY = 24 * 60  # minutes
HOURS = re.compile(
    r"(?P<h1>\d{1,2})(?:[:.](?P<m1>\d{2}))?\s*(?P<p1>am|pm)?\s*(?:-|–|—|to|until)\s*"
    r"(?P<h2>\d{1,2})(?:[:.](?P<m2>\d{2}))?\s*(?P<p2>am|pm)?",
    re.IGNORECASE,
)
CITIES = "Type your city, as Geneva or New Delhi, or how far you are from UTC, as UTC+5:30."


def clock(minutes: int) -> str:
    """Minutes after midnight as a clock shows them."""
    return f"{minutes // 60 % 24:02}:{minutes % 60:02}"


def quiet_words(prefs: NotificationPreferences) -> str:
    """The quiet hours in words."""
    return f"{clock(prefs.quiet[0])}–{clock(prefs.quiet[1])}" if prefs.quiet else "none"


@dataclass(frozen=True)
class ReminderSettings(Place):
    """Where reminders are stopped and taken up again."""

    code = "2"
    verb = Permission.COME
    targets = ()

    def render(self, context: Context) -> Message:
        prefs = context.prefs()
        state = (
            "Reminders are on. I write 3 days and 1 day before something of yours is due and on the day itself; "
            "to leads also 3 days before each gate and on its day."
            if prefs.reminders
            else "Reminders are stopped. What is due stays in your lists."
        )
        digest = "on: once a day the state, what is new, and what is yours" if prefs.digest else "off"
        text = (
            f"{state}\n\nDaily digest: {digest}.\n"
            f"Time zone: {prefs.zone} (it is {prefs.local(context.now):%H:%M} there).\n"
            f"Quiet hours: {quiet_words(prefs)}.{' What falls into them comes at their end.' if prefs.quiet else ''}"
        )
        stop = (
            Button("Stop reminders", Action("remind", "off"))
            if prefs.reminders
            else Button("Resume", Action("remind", "on"))
        )
        daily = (
            Button("Digest off", Action("digest", "off"))
            if prefs.digest
            else Button("Daily digest", Action("digest", "on"))
        )
        return Message(
            "Reminders",
            text,
            (
                (stop, daily),
                (Button("Time zone", Link(ChooseTimeZone())), Button("Quiet hours", Link(ChooseQuietHours()))),
                (Button("Home", Link(Home())),),
            ),
        )

    def handle(self, context: Context, said: Reply) -> Outcome:
        prefs = context.prefs()
        match said:
            case ButtonReply(act="remind", arg="on"):
                return Outcome(self, prefs=replace(prefs, reminders=True))
            case ButtonReply(act="remind", arg="off"):
                told = "The daily digest still comes." if prefs.digest else ""
                return Outcome(self, prefs=replace(prefs, reminders=False), aside=told)
            case ButtonReply(act="digest", arg="on"):
                told = "The first digest comes in a minute, or after your quiet hours."
                return Outcome(self, prefs=replace(prefs, digest=True), aside=told)
            case ButtonReply(act="digest", arg="off"):
                return Outcome(self, prefs=replace(prefs, digest=False))
            case _:
                return super().handle(context, said)


@dataclass(frozen=True)
class ChooseTimeZone(Place):
    """Asks where a person is. ``typed`` is what they said where it may mean several zones."""

    code = "3"
    verb = Permission.COME
    targets = ()
    typed: str = ""

    def render(self, context: Context) -> Message:
        prefs = context.prefs()
        back = Button("Back", Link(ReminderSettings()))
        choices = named(self.typed) if self.typed else ()
        if len(choices) > 1:
            rows = tuple((Button(zone, Action("zone", zone)),) for zone in choices)
            return Message("Time zone", "Which one do you mean?", (*rows, (back,)))
        text = f"Now: {prefs.zone}, where it is {prefs.local(context.now):%H:%M}.\n\n{CITIES}"
        return Message("Time zone", text, ((Button("UTC", Action("zone", "UTC")), back),))

    def handle(self, context: Context, said: Reply) -> Outcome:
        match said:
            case TextReply(text=text) | ButtonReply(act="zone", arg=text):
                meant = named(text[:80])
            case _:
                return super().handle(context, said)
        if not meant:
            return Outcome(ChooseTimeZone(), aside="I know no such place. A larger city nearby will do.")
        if len(meant) > 1:
            return Outcome(ChooseTimeZone(text.strip()[:40]))
        prefs = replace(context.prefs(), zone=meant[0])
        return Outcome(ReminderSettings(), prefs=prefs, aside=f"Your time zone is {meant[0]}.")


@dataclass(frozen=True)
class ChooseQuietHours(Place):
    """Asks when a person wants to hear nothing."""

    code = "4"
    verb = Permission.COME
    targets = ()

    def render(self, context: Context) -> Message:
        prefs = context.prefs()
        text = (
            f"Now: {quiet_words(prefs)}, {prefs.zone}.\n\n"
            "When shall I be quiet? Type from and to, as 21:30-7. What falls between comes at the end."
        )
        usual = Button(f"{clock(QUIET[0])}–{clock(QUIET[1])}", Action("quiet", f"{clock(QUIET[0])}-{clock(QUIET[1])}"))
        return Message(
            "Quiet hours",
            text,
            ((usual, Button("None", Action("quiet", "none"))), (Button("Back", Link(ReminderSettings())),)),
        )

    def handle(self, context: Context, said: Reply) -> Outcome:
        match said:
            case TextReply(text=text) | ButtonReply(act="quiet", arg=text):
                words = text.strip()
            case _:
                return super().handle(context, said)
        if words.casefold() in {"none", "no", "off", "never"}:
            return Outcome(
                ReminderSettings(), prefs=replace(context.prefs(), quiet=None), aside="You have no quiet hours."
            )
        found = HOURS.fullmatch(words)
        quiet = (_minutes(found, "1"), _minutes(found, "2")) if found else None
        if quiet is None or max(quiet) >= DAY or quiet[0] == quiet[1]:
            return Outcome(self, aside="Please type two times of the day, as 21:30-7 or 22-8.")
        prefs = replace(context.prefs(), quiet=quiet)
        return Outcome(ReminderSettings(), prefs=prefs, aside=f"Quiet from {clock(quiet[0])} to {clock(quiet[1])}.")


def _minutes(found: re.Match[str], which: str) -> int:
    """Minutes after midnight; ``DAY`` for what is no time."""
    hour, minute, half = int(found[f"h{which}"]), int(found[f"m{which}"] or 0), (found[f"p{which}"] or "").casefold()
    if minute > 59 or (half and not 1 <= hour <= 12):
        return DAY
    if half:
        hour = hour % 12 + (12 if half == "pm" else 0)
    return 0 if (hour, minute) == (24, 0) else min(hour * 60 + minute, DAY)
