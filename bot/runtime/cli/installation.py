"""What is installed here, opened for a command: settings, checklists, key and database."""

from __future__ import annotations

import tempfile
from contextlib import suppress
from pathlib import Path

import click

from bot.application.administration import LINK, USERNAME, AdminService, NotFound
from bot.application.updates import UpdateHandler
from bot.authoring import SoundChecklists, sound_library
from bot.domain.checklist import Checklist
from bot.runtime.cli.output import say_beside
from bot.runtime.master_key import key_file, key_in, key_there
from bot.runtime.master_key import make as make_key
from bot.runtime.settings import Settings, SettingsError, settings
from bot.storage import Database, Tampered, WrongKey, schema_of
from bot.storage.database import SEALED
from bot.storage.schema import REVISION


def chosen_settings() -> Settings:
    """The settings; whoever starts a command is told of those that nobody knows."""
    chosen = settings()
    for told in chosen.unknown:
        say_beside(f"readiness: {told}")
    return chosen


def library(chosen: Settings, known: SoundChecklists | None = None) -> dict[str, Checklist]:
    """The checklists that are sound. Those that are not are named, and stop nothing else."""
    try:
        checklists, mistakes = sound_library(chosen.checklists, known)
    except OSError as error:
        none = isinstance(error, FileNotFoundError)
        what = "where there is no checklist (*.yaml)" if none else f"which cannot be read: {error.strerror}"
        then = "Give the folder that holds them, and that may be read"
        raise SettingsError(f"READINESS_CHECKLISTS names {chosen.checklists}, {what}. {then}.") from None
    for file in dict.fromkeys(mistake.file for mistake in mistakes):
        say_beside(f"readiness: {file} is set aside until it is mended. Negotiations that are open keep their text.")
    for mistake in mistakes:
        say_beside(str(mistake))
    return checklists


def _store(chosen: Settings, *, makes: bool) -> Database:
    """The database that is there and up to date; where the command ``makes`` one, also a new one, or an older one."""
    found = schema_of(chosen.store_url)
    if makes:
        _make_folder(chosen)
    else:
        _refuse_unmade(chosen, found)
    key = key_there(chosen)
    if key is None:
        path = key_file(chosen)
        if found >= SEALED:
            raise SettingsError(
                f"{path} is missing, and this database opens with no other key. Put it back, or set READINESS_KEY."
            )
        key = _made_key(path)
    try:
        store = Database.open(chosen.store_url, key, chosen.data / "backups")
    except WrongKey:
        whose = "READINESS_KEY" if chosen.key else str(key_file(chosen))
        msg = f"{whose} is not the key that this database was sealed with. Give the one that belongs to it."
        raise WrongKey(msg) from None
    click.get_current_context().call_on_close(store.close)
    return store


def _made_key(path: Path) -> bytes:
    try:
        key = make_key(path)
    except FileExistsError:
        return key_in(path)  # another start was quicker
    say_beside(f"A key was made: {path}. Without it nothing can be read. Keep a copy apart from backups.")
    return key


def _make_folder(chosen: Settings) -> None:
    """The data folder, into which it can be written; Wrong where it cannot."""
    done = "made"
    try:
        chosen.data.mkdir(mode=0o700, parents=True, exist_ok=True)
        done = "written"
        tempfile.TemporaryFile(dir=chosen.data).close()
    except OSError as error:
        raise SettingsError(f"READINESS_DATA names {chosen.data}, which cannot be {done}: {error.strerror}.") from None


def _refuse_unmade(chosen: Settings, found: str) -> None:
    """Refuse to look into what is not there, or is to be brought up to date first."""
    where = "at DATABASE_URL" if chosen.database_url else f"in {chosen.data}"
    if not found:
        raise NotFound(f"There is no database {where}.")
    if found < REVISION:
        then = "Start the bot: it backs up what is there and brings it up to date"
        raise NotFound(f"What is {where} has schema {found}, this program has {REVISION}. {then}.")


def whole_desk(chosen: Settings) -> UpdateHandler:
    """A desk at which negotiations can be opened, in a database that is made where there is none."""
    known = SoundChecklists(chosen.data / "checklists-read")  # kept from the second start on: the folder is made below
    return desk(chosen, library(chosen, known), makes=True)


def desk(chosen: Settings, checklists: dict[str, Checklist] | None = None, *, makes: bool = False) -> UpdateHandler:
    """A desk in the database that is there; where the command ``makes`` one, also in a new one."""
    store, username = _store(chosen, makes=makes), None
    with store.reading() as tx, suppress(Tampered):  # which “readiness verify” tells
        username = tx.get_office(USERNAME)
    secure = chosen.listen and chosen.url and chosen.url.startswith("https://")  # or Telegram opens none
    pages = f"{chosen.url}/app" if secure else ""
    link = LINK.format(username) if username else "/start "
    return UpdateHandler(store, checklists or {}, link=link, pages=pages, zone=chosen.zone)


def office(*, makes: bool = False) -> AdminService:
    """What operators do at the desk of the settings."""
    return AdminService(desk(chosen_settings(), makes=makes))
