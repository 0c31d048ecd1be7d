"""`verifier purge`: what has outlived its purpose is removed."""

from dataclasses import asdict
from datetime import timedelta
from pathlib import Path

import click

from verifier.command import CONFIG, one_line_errors, registry_of, settings_at
from verifier.installation import utc_now
from verifier.purging import purge as purge_registry


@click.command()
@CONFIG
def purge(config: Path) -> None:
    """Remove what tells of people and has outlived its purpose; to be run every night.

    Names, plates and chassis numbers of filings that were handed over or withdrawn more than
    `keep_names_days` ago (settings), who collected them and notes on their holds; texts of sheets
    that expired; ended sign-ins and answered requests after days or weeks. Filings, hand-overs and
    the journal stay, without names. Wrong passwords stay counted until the password is changed.

    \b
    Example:
      verifier purge
    """
    with one_line_errors():
        settings = settings_at(config)
        with registry_of(settings) as sessions:
            done = purge_registry(sessions, timedelta(days=settings.keep_names_days), utc_now())
    click.echo(", ".join(f"{name.replace('_', ' ')} {n}" for name, n in asdict(done).items()))
