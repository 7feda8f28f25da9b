"""``typesetter init``: a folder for a new letter."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from typeset.cli.output import PATH, json_option, refusals, shown, summary, tell
from typeset.diagnostics import LetterError
from typeset.importer import begin_letter, import_letter
from typeset.sources import Sources


@click.command()
@click.argument("folder", type=PATH)
@click.option("--from", "source", type=PATH, help="Raw text of the letter and its list of signatories.")
@click.option("--lang", default="", help="Language (BCP 47), if the raw text does not show it.")
@json_option
@refusals
def init(folder: Path, source: Path | None, lang: str, machine: bool) -> None:
    """Create a letter folder, empty or from raw text.

    From raw text, import-report.md in the new folder lists everything that was corrected and every doubt that you have
    to decide. Without --from, the files of the new folder explain what to write where.
    """
    if source is None:
        files = begin_letter(folder, lang)
        if machine:
            tell((), None, "", machine=True)
            return
        click.echo(f"{shown(folder)}: {', '.join(files)}")
        click.echo(f"replace each [?]; typesetter check {shown(folder)} lists what is missing,")
        click.echo(f"typesetter preview {shown(folder)} shows the pages while you write")
        return
    try:
        imported = import_letter(folder, source, lang)
    except LetterError as refused:
        raw = Sources({source.name: source.read_bytes()})
        tell(refused.findings, raw, shown(source.parent), machine=machine)
        sys.exit(1)
    decoded = Sources({source.name: imported.text.encode()})
    tell(imported.findings, decoded, shown(source.parent), machine=machine)
    if not machine:
        logged = f"{len(imported.fixes)} fixes, {summary(imported.findings)}"
        click.echo(f"{shown(folder)}: {len(imported.signatories)} signatories; {logged}")
        click.echo(f"next: read {shown(folder)}/import-report.md, then typesetter check {shown(folder)}")
