"""`verifier office|kiosk|staff|procedure add`: what an installation is furnished with."""

from datetime import UTC, datetime
from pathlib import Path

import click

from shared.db.tables import Kiosk, Office, PaperRule, Procedure
from shared.domain import Purpose, Role
from shared.passwords import hash_secret
from verifier.command import (
    CONFIG,
    PASSWORD_FILE,
    PIN_FILE,
    one_line_errors,
    read_password,
    read_pin,
    registry_of,
    settings_at,
)
from verifier.furnishing import (
    NewStaff,
    Row,
    add,
    code_of,
    give_password,
    name_of,
    procedure_row,
    staff_row,
)


@click.group()
def office() -> None:
    """事務所: where papers are collected."""


@office.command("add")
@click.argument("code")
@click.argument("name")
@CONFIG
def add_office(code: str, name: str, config: Path) -> None:
    """Add an office.

    \b
    Example:
      verifier office add S1 '見本第一事務所'
    """
    with one_line_errors():
        _add(Office(code=code_of(code), name=name_of(name)), f"Office {code}", config)


@click.group()
def kiosk() -> None:
    """窓口: a counter window with its device."""


@kiosk.command("add")
@click.argument("code")
@click.argument("name")
@click.option("--office", "office_code", required=True, help="Code of the office it stands in.")
@click.option(
    "--purpose",
    "purposes",
    type=click.Choice([str(purpose) for purpose in Purpose]),
    multiple=True,
    default=[str(purpose) for purpose in Purpose],
    help="What the window serves; may be given several times. All four when left out.",
)
@CONFIG
def add_kiosk(
    code: str, name: str, office_code: str, purposes: tuple[str, ...], config: Path
) -> None:
    """Add a window.

    \b
    Examples:
      verifier kiosk add W1 '窓口1' --office S1
      verifier kiosk add W2 '受取専用' --office S1 --purpose authentication --purpose individual
    """
    with one_line_errors():
        row = Kiosk(
            code=code_of(code),
            name=name_of(name),
            office_code=office_code,
            enrolled_at=datetime.now(UTC),
            purposes=" ".join(purposes),
        )
        _add(row, f"Kiosk {code}", config)


@click.group()
def staff() -> None:
    """担当者: people who sign in with a number and a PIN."""


@staff.command("add")
@click.argument("number")
@click.argument("name")
@click.option("--role", type=click.Choice([str(role) for role in Role]), required=True)
@PIN_FILE
@CONFIG
def add_staff(number: str, name: str, role: str, pin_file: Path | None, config: Path) -> None:
    """Add a person.

    \b
    Example:
      verifier staff add 1001 '見本　一郎' --role clerk --pin-file pin.txt
    """
    with one_line_errors():
        settings = settings_at(config)
        person = NewStaff(code_of(number), name_of(name), Role(role), read_pin(pin_file))
        pin_hash = hash_secret(person.pin, settings.bcrypt_cost)
        _add(staff_row(person, pin_hash, datetime.now(UTC)), f"Staff {number}", config)


@staff.command("password")
@click.argument("number")
@PASSWORD_FILE
@CONFIG
def give_console_password(number: str, password_file: Path | None, config: Path) -> None:
    """Give a person a password for the console; they choose their own at the first sign-in.

    The way in for the first administrator. It ends a lock-out and a second factor, so it is also
    the way back in when no administrator can sign in.

    \b
    Example:
      verifier staff password 3001 --password-file password.txt
    """
    with one_line_errors():
        settings = settings_at(config)
        hashed = hash_secret(read_password(password_file), settings.bcrypt_cost)
        with registry_of(settings) as sessions:
            give_password(sessions, code_of(number), hashed, datetime.now(UTC))
    click.echo(f"Staff {number}: has a password for the console")


@click.group()
def procedure() -> None:
    """手続種別: what is filed, with what is given out and handed in."""


@procedure.command("add")
@click.argument("code", type=click.IntRange(1, 255))
@click.argument("name")
@click.option(
    "--deliverable", "deliverables", multiple=True, help="交付物; may be given several times."
)
@click.option("--paper", "papers", multiple=True, help="A paper that is always handed in.")
@click.option("--tax-paper", "tax", multiple=True, help="One for an unconfirmed tax only.")
@click.option("--paper-if-any", "if_any", multiple=True, help="One that not everybody has.")
@click.option("--then", help="Where the visitor goes next, as a sentence.")
@CONFIG
def add_procedure(  # noqa: PLR0913 - one for each option
    code: int,
    name: str,
    deliverables: tuple[str, ...],
    papers: tuple[str, ...],
    tax: tuple[str, ...],
    if_any: tuple[str, ...],
    then: str | None,
    config: Path,
) -> None:
    """Add a procedure; CODE is the byte on the sheet, 1 to 255.

    \b
    Example:
      verifier procedure add 1 '継続検査' --deliverable '自動車検査証' --deliverable '検査標章' \\
             --paper '旧自動車検査証' --tax-paper '納税証明書'
    """
    asked = (
        (PaperRule.ALWAYS, papers),
        (PaperRule.TAX_UNCONFIRMED, tax),
        (PaperRule.IF_ANY, if_any),
    )
    ruled = tuple((paper, rule) for rule, names in asked for paper in names)
    with one_line_errors():
        then = name_of(then) if then else None
        row = procedure_row(Procedure(code=code, name=name, then=then), deliverables, ruled)
        _add(row, f"Procedure {code}", config)


GROUPS = (office, kiosk, staff, procedure)


def _add(row: Row, what: str, config: Path) -> None:
    with registry_of(settings_at(config)) as sessions:
        add(sessions, row, datetime.now(UTC))
    click.echo(f"{what}: added")
