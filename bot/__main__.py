"""The command line; the only module that wires parts together."""

from __future__ import annotations

import errno
import json
import sys
import tempfile
from contextlib import suppress
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any

import click

from bot.application.administration import LINK, USERNAME, AdminService, NotFound
from bot.application.imported_people import NEW, FilePerson
from bot.application.negotiations import Unopenable
from bot.application.sample import LEAD, open_sample
from bot.application.updates import UpdateHandler
from bot.authoring import (
    Unsound,
    checklist_schema,
    files_in,
    fix,
    in_order,
    read_checklist,
    review,
    sound_library,
)
from bot.authoring.case_coverage import uncovered_in
from bot.authoring.cases import CaseOutcome, case_files
from bot.authoring.cases import check as check_cases
from bot.authoring.junit import junit
from bot.authoring.mutation import survivors_in
from bot.authoring.skeleton import NAME, begin
from bot.domain.checklist import Checklist
from bot.domain.export_formats import BLANK, EXPORT_FORMATS, Progress
from bot.domain.limits import FILE, MIB
from bot.domain.report.model import UNMARKED
from bot.exports.json.archive import LARGEST, PortableError, load
from bot.exports.json.archive import schema as negotiation_schema
from bot.exports.registry import blank
from bot.runtime.master_key import keep, key_file, key_in, key_there
from bot.runtime.master_key import make as make_key
from bot.runtime.settings import Occupied, Settings, SettingsError, settings
from bot.runtime.terminal import prompt, watched
from bot.runtime.terminal import talk as hold_talk
from bot.runtime.version import told_version
from bot.storage import (
    Damaged,
    Database,
    PersonRow,
    Refused,
    StoreBusy,
    StoreError,
    StoreUnavailable,
    Tampered,
    WrongKey,
    schema_of,
)
from bot.storage.backup import BackupContents
from bot.storage.database import SEALED
from bot.storage.process_lock import DatabaseInUse, process_lock
from bot.storage.schema import REVISION

# Exit codes, those above 64 after sysexits.h. A unit starts again after TRY_AGAIN, and not after WRONG_SETTING.
CHECK_FAILED, MISTAKE, TRY_AGAIN, WRONG_SETTING = 1, 2, 75, 78
CODES: dict[type[Exception], int] = {
    Occupied: TRY_AGAIN,
    SettingsError: WRONG_SETTING,
    WrongKey: WRONG_SETTING,
    Refused: WRONG_SETTING,
    StoreBusy: TRY_AGAIN,
    StoreUnavailable: TRY_AGAIN,
    DatabaseInUse: TRY_AGAIN,
    Damaged: CHECK_FAILED,
    Tampered: CHECK_FAILED,
    Unopenable: CHECK_FAILED,
}
NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
NUMBER = click.IntRange(max=2**31 - 1)  # of a negotiation, as PostgreSQL holds it
_say_beside = partial(click.echo, err=True)


class OneLine(click.Group):
    """Tells operators what they can mend in one line with an exit code, not in a traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command."""
        try:
            return super().invoke(ctx)
        except OSError as error:
            if error.errno == errno.EPIPE:
                raise  # whoever read our output has had enough
            _say_beside(f"readiness: {_in_words(error)}")
            ctx.exit(TRY_AGAIN if error.errno in NO_ROOM else MISTAKE)
        except (SettingsError, StoreError, Unopenable, NotFound, PortableError) as error:
            _say_beside(f"readiness: {error}")
            ctx.exit(next((code for kind, code in CODES.items() if isinstance(error, kind)), MISTAKE))


def _in_words(error: OSError) -> str:
    if isinstance(error, FileExistsError):
        return f"{error.filename} is there already; nothing was written. Choose another name."
    return f"{error.filename or 'A file'}: {error.strerror}. Nothing unfinished is left."


def _version(ctx: click.Context, _option: click.Parameter, asked: bool) -> None:  # noqa: FBT001 (click's)
    if asked:
        click.echo(told_version())
        ctx.exit()


@click.group(cls=OneLine)
@click.option("--version", is_flag=True, expose_value=False, is_eager=True, callback=_version, help="Which program.")
def main() -> None:
    """Walk a delegation through what must be settled before talks begin."""


def _chosen() -> Settings:
    chosen = settings()
    for told in chosen.unknown:
        _say_beside(f"readiness: {told}")
    return chosen


@main.command()
def run() -> None:
    """Start on Telegram when a token is set, else in the browser with a sample negotiation."""
    chosen = _chosen()
    if chosen.token is None:
        from bot.runtime.standalone import try_out

        try_out(chosen, _whole_desk, click.echo)
    else:
        _serve(chosen)


@main.command()
def serve() -> None:
    """Run the bot on Telegram, or in the browser when READINESS_LISTEN is set and no token."""
    chosen = _chosen()
    if chosen.token is None and chosen.listen is not None:
        from bot.runtime.standalone import serve_pages

        serve_pages(chosen, _whole_desk, click.echo)
    else:
        _serve(chosen)


@main.command()
def health() -> None:
    """Ask the bot that runs here how it is; exit code 1 when it is of no use at present."""
    from bot.runtime.health_check import check_health

    ready, told = check_health(_chosen())
    click.echo(told)
    if not ready:
        sys.exit(CHECK_FAILED)


@main.command()
@click.option("--as", "name", default=LEAD, show_default=True, help="Who you are.")
@click.option("--sample", is_flag=True, help="Open the sample negotiation first.")
def talk(name: str, *, sample: bool) -> None:
    """Hold the conversation in the terminal, as any person."""
    desk = _whole_desk(_chosen())
    office = AdminService(desk)
    if sample and not office.negotiations():
        open_sample(office, desk)
    people = {one.name: one.id for one in office.people()}
    if name not in people and not people:
        people[name] = office.person(name, lead=True)
    if name not in people:
        raise NotFound(f"There is no {name}. Known are: {', '.join(people)}.")
    hold_talk(desk, people[name], prompt(name), click.echo, beside=_say_beside)


@main.command(name="list")
def list_() -> None:
    """List the negotiations with their numbers."""
    for number, counterpart, subject in AdminService(_desk(_chosen())).negotiations():
        click.echo(f"{number}  {counterpart}: {subject}")


@main.command()
@click.argument("number", type=NUMBER)
@click.option("--format", "form", type=click.Choice(list(EXPORT_FORMATS)), default="json", show_default=True)
@click.option("--partner", is_flag=True, help="The partner version: what leads marked as internal is left out.")
@click.option("--yes", "agreed", is_flag=True, help="Export the partner version also where nothing is marked internal.")
@click.option(
    "-o", "--out", type=click.Path(dir_okay=False, path_type=Path), help="Write here instead of on the screen."
)
def export(number: int, form: str, out: Path | None, *, partner: bool, agreed: bool) -> None:
    """Export a negotiation as a file."""
    if partner and not EXPORT_FORMATS[form].partner:
        raise NotFound(f"There is no partner version as {EXPORT_FORMATS[form].told}: it is complete.")
    if out is None and not EXPORT_FORMATS[form].text and _on_terminal():
        raise NotFound(
            f"{EXPORT_FORMATS[form].told} is no text to show here. Name a file with -o, or redirect the output."
        )
    office = AdminService(_desk(_chosen()))
    if partner and not agreed and office.unmarked(number):
        _ask_unmarked()
    body = watched(partial(_taken, office, number, form, partner=partner), EXPORT_FORMATS[form].told, _say_beside)
    if out is None:
        click.echo(body, nl=False)
    else:
        out.write_bytes(body)
        click.echo(f"{out}: {out.stat().st_size:,} bytes.")


def _ask_unmarked() -> None:
    """Ask whoever sits at a terminal whether partners are to be given all of it; else say how to go on."""
    if not (sys.stdin.isatty() and _on_terminal()):
        raise NotFound(f"{UNMARKED}. Nothing was exported. Give --yes to export it all the same.")
    click.confirm(f"{UNMARKED}. Export it all the same?", abort=True, err=True)


def _taken(office: AdminService, number: int, form: str, progress: Progress, *, partner: bool) -> bytes:
    return office.taken(number, form, partner=partner, progress=progress)


@main.command()
@click.argument("checklist")
@click.option("--format", "form", type=click.Choice(list(BLANK)), default="pdf", show_default=True)
@click.option("-o", "--out", type=click.Path(dir_okay=False, path_type=Path), required=True, help="Write here.")
def form(checklist: str, form: str, out: Path) -> None:
    """Write any checklist as a blank form, to print or to fill in."""
    known = _library(_chosen())
    if checklist not in known:
        raise NotFound(f"There is no checklist {checklist}. Known are: {', '.join(known)}.")
    out.write_bytes(blank(form, known[checklist]))
    click.echo(f"{out}: {out.stat().st_size:,} bytes.")


def _on_terminal() -> bool:
    return sys.stdout.isatty()


@main.command(name="import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("number", type=NUMBER, required=False)
@click.option("--propose", is_flag=True, help="Print what an edited Excel or CSV file would change in NUMBER.")
@click.option(
    "--person",
    "persons",
    multiple=True,
    metavar="ID=ID",
    help="Who of the file somebody here is; or ID=new for nobody.",
)
def import_(file: Path, number: int | None, persons: tuple[str, ...], *, propose: bool) -> None:
    """Import a negotiation that was exported as JSON.

    Whoever of the file has the id of somebody here is that person, and gets a seat, only if you say so: you are asked,
    or a script says it with --person. Everybody else is new; “readiness link NAME” lets them in.

    With --propose and a NUMBER: print what an edited Excel or CSV file would change there. Nothing is
    recorded; to record changes, a lead sends the file to the bot under Take away.
    """
    if propose != (number is not None):
        raise NotFound("Give --propose together with the number of the negotiation, or neither.")
    if number is not None:
        office = AdminService(_desk(_chosen()))
        lines = office.proposed(number, _content(file, FILE), file.name)
        click.echo("\n".join(lines) or "The file holds no change.")
        if lines and (signers := office.signers(number)):
            _say_beside(f"Signed by {', '.join(signers)}. Recording any of this voids that.")
        return
    try:
        text = _content(file, LARGEST).decode()
    except UnicodeDecodeError:
        raise NotFound(f"{file} is not UTF-8 text. Give a file that “readiness export” wrote.") from None
    there = load(text)
    office = AdminService(_desk(_chosen(), makes=True))
    number = office.imported(there, _choice(office.people_in(there), _named(persons)))
    click.echo(f"Imported as negotiation {number}.")


def _named(persons: tuple[str, ...]) -> dict[str, str]:
    """What a script says of people of a file."""
    pairs = [one.partition("=") for one in persons]
    if wrong := next(
        (one for one, (person, _, whose) in zip(persons, pairs, strict=True) if not (person and whose)), ""
    ):
        raise NotFound(f"--person {wrong} says nothing. Write ID=ID: of the file, and of somebody here, or “{NEW}”.")
    return {person: whose for person, _, whose in pairs}


def _choice(people: list[FilePerson], named: dict[str, str]) -> dict[str, str]:
    """Who of a file somebody here is. The operator is shown everybody, and asked of each whose id is taken here."""
    choice = dict(named)
    for person in people:
        told = f"{person.name} ({person.id}) of the file gets {person.seat}"
        if person.id in named or person.here is None:
            whose = choice.get(person.id, NEW)
            click.echo(f"{told}, as somebody {'new' if whose == NEW else f'who is here: {whose}'}.")
        else:
            choice[person.id] = person.id if _is_same(person, person.here, told) else NEW
    return choice


def _is_same(person: FilePerson, here: PersonRow, told: str) -> bool:
    account = "with Telegram" if here.telegram_id is not None else "without Telegram"
    try:
        return click.confirm(f"{told}. {here.name}, {account}, has this id here. Is it the same person?")
    except click.Abort:
        raise NotFound(
            f"Nothing was imported. Say who {person.name} is: --person {person.id}={person.id} for {here.name} here, "
            f"--person {person.id}={NEW} for somebody new."
        ) from None


def _content(file: Path, most: int) -> bytes:
    """The bytes of a file. NotFound where there are more than are taken in."""
    if file.stat().st_size > most:
        raise NotFound(f"{file} is larger than {most // MIB} MB, and nothing so large is taken in.")
    return file.read_bytes()


@main.command()
@click.option("--witness", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="What was witnessed.")
def verify(witness: Path | None) -> None:
    """Check every event, file and index; exit code 1 and a line for each thing that is wrong."""
    from bot.application import maintenance

    desk = _desk(_chosen())
    wrong = maintenance.verify(desk.store, desk.archive, witness.read_text(encoding="utf-8") if witness else "")
    for line in wrong:
        click.echo(line)
    if wrong:
        sys.exit(CHECK_FAILED)
    click.echo("All that is kept verifies.")
    _say_unfinished(desk.store)


@main.command()
@click.argument("name")
@click.option("--new-passphrase", is_flag=True, help="Forget their passphrase: they sign in and choose another.")
def link(name: str, *, new_passphrase: bool) -> None:
    """Print a link by which somebody who is known already signs in, once."""
    chosen = _chosen()
    desk = _desk(chosen)
    if chosen.listen or chosen.url:
        desk.page = f"{chosen.url or f'http://{chosen.listen}'}/join?s="
    click.echo(AdminService(desk).link(name, new_passphrase=new_passphrase))


@main.command()
def witness() -> None:
    """Print where every negotiation stands, signed, to keep elsewhere."""
    from bot.application import maintenance

    click.echo(maintenance.witnessed(_desk(_chosen()).store), nl=False)


@main.command()
def doctor() -> None:
    """Look whether this machine is as the bot needs it; exit code 1 and a line for each thing that is not."""
    told = AdminService(_desk(_chosen())).clock_behind()
    click.echo(told or "The clock is not behind what was noted.")
    if told:
        sys.exit(CHECK_FAILED)


@main.command()
def audit() -> None:
    """Print what was refused: day, times, how often, which kind, to whom."""
    click.echo("\n".join(AdminService(_desk(_chosen())).audited()) or "Nothing was refused.")


@main.command()
@click.argument("number", type=NUMBER, required=False)
@click.option("--due", is_flag=True, help="All that are past the last day on which their leads said to keep them.")
@click.confirmation_option(prompt="Destroy for good? Neither the bot nor this program can bring it back.")
def purge(number: int | None, *, due: bool) -> None:
    """Destroy a negotiation's key and rows. A proof that it was there remains."""
    from bot.application import maintenance
    from bot.application.retention import RetentionService

    if due == (number is not None):
        raise NotFound("Give the number of a negotiation, or --due.")
    desk = _desk(_chosen())
    numbers = RetentionService(desk).past() if number is None else [number]
    for one in numbers:
        uid = maintenance.purge(desk.store, one, desk.clock(), "the command line")
        click.echo(f"Negotiation {one} ({uid}) is destroyed. Backups still hold it until they are deleted.")
    if not numbers:
        click.echo("No negotiation is past the last day on which it is to be kept.")
    _say_unfinished(desk.store)


def _say_unfinished(store: Database) -> None:
    from bot.application.maintenance import unfinished

    if told := unfinished(store):
        _say_beside(f"readiness: {told}")


@main.command()
@click.argument("new", type=click.Path(dir_okay=False, path_type=Path))
def rekey(new: Path) -> None:
    """Change the master key to the one in the file NEW, which is made when it is not there."""
    from bot.application import maintenance

    chosen = _chosen()
    then = f"Set READINESS_KEY_FILE to {new} before the next start."
    try:
        desk = _desk(chosen)
    except WrongKey:
        if not new.exists():
            raise
        Database.open(chosen.store_url, key_in(new)).close()  # WrongKey again, unless an earlier run did it all
        click.echo(f"All keys are wrapped with {new} already. {then}")
        return
    with process_lock(chosen.store_url):
        count = maintenance.rekey(desk.store, keep(new))
    click.echo(f"{count} keys are wrapped anew. {then}")


@main.command()
@click.argument("file", type=click.Path(exists=False, dir_okay=False, path_type=Path))
def backup(file: Path) -> None:
    """Back up everything into one sealed file, while the bot runs."""
    from bot.application import maintenance

    held = maintenance.back_up(_desk(_chosen()).store, file)
    size = f"{file.stat().st_size:,} bytes"
    click.echo(f"{file}: {_told(held)}, {size}. It opens only with this installation's key.")


@main.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def restore(file: Path) -> None:
    """Put a backup back into an empty database."""
    from bot.application import maintenance

    chosen = _chosen()
    key = key_there(chosen)
    if key is None:
        raise NotFound("There is no key here. Set READINESS_KEY or READINESS_KEY_FILE to that of the backup.")
    maintenance.prove(file, key)  # before a database is made, which would be sealed with a wrong key
    desk = _desk(chosen, makes=True)
    with process_lock(chosen.store_url):
        held = maintenance.restore(desk.store, file)
    click.echo(f"{_told(held)} are back, and verify.")


def _told(held: BackupContents) -> str:
    return f"{held.negotiations} negotiation{'s' * (held.negotiations != 1)}, {held.rows:,} rows"


@main.command(name="lint")
@click.argument("files", nargs=-1, type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print what is found as JSON, for editors.")
@click.option("--fix", "fixes", is_flag=True, help="Correct first what is certain, and tell each line that changes.")
def lint_(files: tuple[Path, ...], *, as_json: bool, fixes: bool) -> None:
    """Check checklists and tell every mistake with its place; warnings fail nothing."""
    given = {path: files_in(path) for path in files or (_chosen().checklists,)}
    if bare := [str(path) for path, there in given.items() if not there]:
        raise NotFound(f"There is no checklist here: {', '.join(bare)}. Checklists are files that end in .yaml.")
    if fixes:
        for file in chain.from_iterable(given.values()):
            _fix(file)
    found = review(given)
    told = in_order([*found.mistakes, *found.warnings])
    if as_json:
        click.echo(json.dumps([mistake.as_data() for mistake in told], indent=2, ensure_ascii=False))
    else:
        for mistake in told:
            click.echo(str(mistake))
    if found.mistakes:
        sys.exit(CHECK_FAILED)
    if not as_json:
        click.echo(f"{_counted(sum(map(len, given.values())), 'checklist is', 'checklists are')} sound.")


def _fix(file: Path) -> None:
    with suppress(Unsound):  # told when it is checked
        for mistake in fix(file):
            _say_beside(f"Corrected: {mistake}")


def _counted(number: int, one: str, several: str) -> str:
    return f"{number} {one if number == 1 else several}"


@main.command()
@click.argument("name")
@click.option("--folder", type=click.Path(file_okay=False, path_type=Path), help="Where; else that of the checklists.")
def new(name: str, folder: Path | None) -> None:
    """Begin a checklist: write one of a single item, with its cases, sound and to be changed."""
    if not NAME.fullmatch(name):
        raise NotFound(f"“{name}” cannot name a checklist. Write small letters, digits and -, with a letter first.")
    for path in begin(folder or _chosen().checklists, name):
        click.echo(f"{path}: written.")


@main.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@click.option("--coverage", is_flag=True, help="Name the rules that no case sees open, or none sees closed.")
@click.option("--mutate", is_flag=True, help="Name the changes of single conditions that no case notices.")
@click.option(
    "--junit", "report", type=click.Path(dir_okay=False, path_type=Path), help="Write what comes out here, as XML."
)
def check(paths: tuple[Path, ...], report: Path | None, *, coverage: bool, mutate: bool) -> None:
    """Try checklists on their cases (tests/NAME/*.yaml beside NAME.yaml), and tell the first difference of each."""
    found = {file: cases for path in paths or (_chosen().checklists,) for file, cases in case_files(path).items()}
    if not any(found.values()):
        raise NotFound("There is no case here. The cases of NAME.yaml are the files tests/NAME/*.yaml beside it.")
    outcomes = {file: _outcomes(file, cases) for file, cases in found.items()}
    if report is not None:
        report.write_bytes(junit(outcomes))
    tried = list(chain.from_iterable(outcomes.values()))
    mistakes = [mistake for outcome in tried for mistake in outcome.mistakes]
    if coverage and not mistakes:
        mistakes = [mistake for file, cases in found.items() if cases for mistake in uncovered_in(file, cases)]
    for mistake in mistakes:
        click.echo(str(mistake))
    if mistakes:
        sys.exit(CHECK_FAILED)
    click.echo(f"{_counted(len(tried), 'case comes', 'cases come')} out as expected.")
    for file, cases in found.items() if mutate else ():
        _mutate(file, cases)


def _outcomes(file: Path, cases: list[Path]) -> list[CaseOutcome]:
    try:
        return list(check_cases(read_checklist(file), cases))
    except Unsound as unsound:
        return [CaseOutcome(file, None, unsound.mistakes)]


def _mutate(file: Path, cases: list[Path]) -> None:
    number, survivors = survivors_in(file, cases)
    for survivor in survivors:
        click.echo(str(survivor))
    noticed = number - len(survivors)
    share = f"{100 * noticed / number:.1f} %" if number else "all"
    click.echo(f"{file}: {noticed:,} of {number:,} changes of single conditions are noticed ({share}).")


@main.command()
@click.argument("of", type=click.Choice(["checklist", "negotiation"]), default="checklist")
def schema(of: str) -> None:
    """Print the JSON Schema of checklists, or of exported negotiations."""
    found = checklist_schema() if of == "checklist" else negotiation_schema()
    click.echo(json.dumps(found, indent=2, ensure_ascii=False))


def _library(chosen: Settings) -> dict[str, Checklist]:
    """The checklists that are sound. Those that are not are named, and stop nothing else."""
    try:
        checklists, mistakes = sound_library(chosen.checklists)
    except OSError as error:
        what = f"where there is no checklist (*.yaml) to be read: {error.strerror}. Give the folder that holds them"
        raise SettingsError(f"READINESS_CHECKLISTS names {chosen.checklists}, {what}.") from None
    for file in dict.fromkeys(mistake.file for mistake in mistakes):
        _say_beside(f"readiness: {file} is set aside until it is mended. Negotiations that are open keep their text.")
    for mistake in mistakes:
        _say_beside(str(mistake))
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
    _say_beside(f"A key was made: {path}. Without it nothing can be read. Keep a copy apart from backups.")
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


def _whole_desk(chosen: Settings) -> UpdateHandler:
    """A desk at which negotiations can be opened, in a database that is made where there is none."""
    return _desk(chosen, _library(chosen), makes=True)


def _desk(chosen: Settings, checklists: dict[str, Checklist] | None = None, *, makes: bool = False) -> UpdateHandler:
    store, username = _store(chosen, makes=makes), None
    with store.reading() as tx, suppress(Tampered):  # which “readiness verify” tells
        username = tx.get_office(USERNAME)
    secure = chosen.listen and chosen.url and chosen.url.startswith("https://")  # or Telegram opens none
    pages = f"{chosen.url}/app" if secure else ""
    link = LINK.format(username) if username else "/start "
    return UpdateHandler(store, checklists or {}, link=link, pages=pages)


def _serve(chosen: Settings) -> None:
    from bot.runtime.serve import serve  # half a second of imports, which other commands save

    serve(chosen, _whole_desk, click.echo)


if __name__ == "__main__":
    main()
