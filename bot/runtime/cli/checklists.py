"""Commands for whoever writes checklists."""

from __future__ import annotations

import json
import sys
from contextlib import suppress
from itertools import chain
from pathlib import Path

import click

from bot.application.administration import NotFound
from bot.authoring import Unsound, checklist_schema, files_in, fix, in_order, read_checklist, review
from bot.authoring.case_coverage import uncovered_in
from bot.authoring.cases import CaseOutcome, case_files
from bot.authoring.cases import check as check_cases
from bot.authoring.junit import junit
from bot.authoring.mutation import survivors_in
from bot.authoring.skeleton import NAME, begin
from bot.domain.export_formats import BLANK
from bot.exports.json.archive import schema as negotiation_schema
from bot.exports.registry import blank
from bot.runtime.cli import installation
from bot.runtime.cli.exit_codes import CHECK_FAILED
from bot.runtime.cli.output import counted, say_beside


@click.command(name="lint")
@click.argument("files", nargs=-1, type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print what is found as JSON, for editors.")
@click.option("--fix", "fixes", is_flag=True, help="Correct first what is certain, and tell each line that changes.")
def lint_(files: tuple[Path, ...], *, as_json: bool, fixes: bool) -> None:
    """Check checklists and tell every mistake with its place; warnings fail nothing."""
    try:
        given = {path: files_in(path) for path in files or (installation.chosen_settings().checklists,)}
    except OSError as error:
        raise NotFound(f"{error.filename} cannot be read: {error.strerror}.") from None
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
        click.echo(f"{counted(sum(map(len, given.values())), 'checklist is', 'checklists are')} sound.")


def _fix(file: Path) -> None:
    with suppress(Unsound):  # told when it is checked
        for mistake in fix(file):
            say_beside(f"Corrected: {mistake}")


@click.command()
@click.argument("name")
@click.option("--folder", type=click.Path(file_okay=False, path_type=Path), help="Where; else that of the checklists.")
def new(name: str, folder: Path | None) -> None:
    """Begin a checklist: write one of a single item, with its cases, sound and to be changed."""
    if not NAME.fullmatch(name):
        raise NotFound(f"“{name}” cannot name a checklist. Write small letters, digits and -, with a letter first.")
    for path in begin(folder or installation.chosen_settings().checklists, name):
        click.echo(f"{path}: written.")


@click.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@click.option("--coverage", is_flag=True, help="Name the rules that no case sees open, or none sees closed.")
@click.option("--mutate", is_flag=True, help="Name the changes of single conditions that no case notices.")
@click.option(
    "--junit", "report", type=click.Path(dir_okay=False, path_type=Path), help="Write what comes out here, as XML."
)
def check(paths: tuple[Path, ...], report: Path | None, *, coverage: bool, mutate: bool) -> None:
    """Try checklists on their cases (tests/NAME/*.yaml beside NAME.yaml), and tell the first difference of each."""
    found = {
        file: cases
        for path in paths or (installation.chosen_settings().checklists,)
        for file, cases in case_files(path).items()
    }
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
    click.echo(f"{counted(len(tried), 'case comes', 'cases come')} out as expected.")
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


@click.command()
@click.argument("of", type=click.Choice(["checklist", "negotiation"]), default="checklist")
def schema(of: str) -> None:
    """Print the JSON Schema of checklists, or of exported negotiations."""
    found = checklist_schema() if of == "checklist" else negotiation_schema()
    click.echo(json.dumps(found, indent=2, ensure_ascii=False))


@click.command()
@click.argument("checklist")
@click.option("--format", "form", type=click.Choice(list(BLANK)), default="pdf", show_default=True)
@click.option("-o", "--out", type=click.Path(dir_okay=False, path_type=Path), required=True, help="Write here.")
def form(checklist: str, form: str, out: Path) -> None:
    """Write any checklist as a blank form, to print or to fill in."""
    known = installation.library(installation.chosen_settings())
    if checklist not in known:
        raise NotFound(f"There is no checklist {checklist}. Known are: {', '.join(known)}.")
    out.write_bytes(blank(form, known[checklist]))
    click.echo(f"{out}: {out.stat().st_size:,} bytes.")
