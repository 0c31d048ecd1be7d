"""The roles of `config/postgresql-roles.sql`: the program works, and cannot change the journal.

The triggers are one lock on the journal; that the program's own role lacks the right is another.
"""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from shared.db import schema
from shared.db.readiness import lacking
from shared.db.session import Sessions, open_registry
from shared.db.tables import Filing, JournalEntry, Receiver
from shared.domain import FilingStatus
from tests.builders import SHINAGAWA, House, house, own_keys
from tests.console_day import play
from tests.tamper import drop_triggers
from verifier import notary
from verifier.filings.importing import Run, bring_in
from verifier.filings.records import FilingsFile
from verifier.filings.report import open_report
from verifier.purging import purge
from verifier.state_check import check_everything

pytestmark = [
    pytest.mark.postgresql,
    pytest.mark.parametrize("registry", ["postgresql"], indirect=True),
]
SCRIPT = Path(__file__).parents[2] / "config/postgresql-roles.sql"
CHANGES = [
    "UPDATE {table} SET {column} = {column}",
    "DELETE FROM {table}",
    "TRUNCATE {table}",
    "DROP TRIGGER {table}_no_change ON {table}",
    "ALTER TABLE {table} DISABLE TRIGGER ALL",
    "DROP TABLE {table} CASCADE",
    "ALTER TABLE {table} OWNER TO uketori",
    "SET session_replication_role = replica",
    "SET ROLE uketori_owner",
]


def run_script(registry: Sessions) -> None:
    """As a superuser, the way psql does: all of it in one transaction."""
    with registry.begin() as session:
        session.connection().exec_driver_sql(SCRIPT.read_text("utf-8").replace("%", "%%"))


@pytest.fixture
def program(registry: Sessions) -> Iterator[Sessions]:
    """The registry as the programs are let in."""
    run_script(registry)
    run_script(registry)
    yield from let_in(registry, "uketori")


def let_in(registry: Sessions, role: str) -> Iterator[Sessions]:
    url = registry.kw["bind"].url.set(username=role)
    sessions = open_registry(url.render_as_string(hide_password=False))
    yield sessions
    sessions.kw["bind"].dispose()


def bring_in_a_filing(at: House, folder: Path) -> None:
    path = folder / "filings.csv"
    path.write_text(
        "受付番号,手続種別,事務所,受取者名,状況\n"
        f"2600000000000001,継続検査,{SHINAGAWA},見本　花子,交付可\n",
        "utf-8",
    )
    run = Run(sessions=at.sessions, file=FilingsFile(path, "utf-8"), cost=4, clock=at.clock)
    with open_report(folder / "refused.csv", 0) as report:
        assert bring_in(run, report, run.file.sha256(), 0).new == 1


def test_the_program_works_under_its_role(program: Sessions, tmp_path: Path) -> None:
    at = house(program)
    play(at)
    bring_in_a_filing(at, tmp_path)
    assert list(lacking(program)) == []
    assert notary.sign_due(at.installation) > 0
    assert purge(program, timedelta(days=30), at.clock.move(days=90)).total > 0
    assert check_everything(program, publics=own_keys().checkpoint_publics).holds
    with program() as session:
        released = select(func.count()).where(Filing.status == FilingStatus.RELEASED)
        assert session.scalar(select(func.current_user())) == "uketori"
        assert session.scalar(released)
        assert session.scalar(select(func.count()).select_from(Receiver))


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize(("table", "column"), [("journal", "act"), ("checkpoints", "head")])
def test_the_programs_role_cannot_change_the_record(
    program: Sessions, change: str, table: str, column: str
) -> None:
    refused = pytest.raises(DBAPIError, match=r"permission denied|must be owner")
    with refused, program.begin() as session:
        session.execute(text(change.format(table=table, column=column)))


def test_without_the_triggers_the_role_still_cannot(registry: Sessions, program: Sessions) -> None:
    play(house(program))
    with registry.begin() as session:
        drop_triggers(session)
    for change in CHANGES[:3]:
        with pytest.raises(DBAPIError, match="permission denied"), program.begin() as session:
            session.execute(text(change.format(table="journal", column="act")))
    with program() as session:
        assert session.scalar(select(func.count()).select_from(JournalEntry))


def test_the_owner_migrates_and_the_program_works_on(registry: Sessions, program: Sessions) -> None:
    for owner in let_in(registry, "uketori_owner"):
        schema.downgrade(owner, "0007")
        schema.upgrade(owner)
    play(house(program))
    with pytest.raises(DBAPIError, match=r"permission denied|must be owner"):
        schema.downgrade(program, "0008")
