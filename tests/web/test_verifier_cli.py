"""`verifier` as an administrator uses it: one line for each answer, an exit code for scripts."""

import json
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select

from shared.db.session import Sessions, open_registry
from shared.db.tables import Filing, JournalEntry, Kiosk, Procedure, Staff
from shared.domain import Role
from shared.passwords import check_secret
from shared.settings import InvalidSettings, read_settings
from verifier import checkpoints, notary
from verifier.acts import SignedIn
from verifier.cli import main
from verifier.counter import Counter
from verifier.settings import VerifierSettings, open_installation

SETTINGS = """
registry = "sqlite:///{folder}/var/registry.db"
system_id = "tests"
keys = "keys/registry"
"""
PIN = "470183"
FILINGS = (
    "受付番号,手続種別,事務所,受取者名,状況\n"
    "2600000000000001,継続検査,S1,見本自動車販売団体　試験　花子,交付可\n"
)


def run(folder: Path, *arguments: str, answers: str | None = None) -> Result:
    config = ("--config", str(folder / "verifier.toml"))
    return CliRunner().invoke(main, [*arguments, *config], input=answers)


def init(folder: Path) -> Result:
    return run(folder, "init", "--admin-number", "3001", "--admin-name", "見本　四子",
               "--pin-file", str(folder / "pin.txt"))  # fmt: skip


def furnish(folder: Path) -> None:
    for arguments in (
        ("office", "add", "S1", "見本第一事務所"),
        ("procedure", "add", "1", "継続検査", "--deliverable", "自動車検査証", "--deliverable",
         "検査標章", "--paper", "旧自動車検査証", "--tax-paper", "納税証明書"),
        ("kiosk", "add", "W1", "窓口1", "--office", "S1"),
        ("staff", "add", "1001", "見本　一郎", "--role", "clerk", "--pin-file",
         str(folder / "pin.txt")),
    ):  # fmt: skip
        result = run(folder, *arguments)
        assert result.exit_code == 0, result.output


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    """A folder with settings and a PIN file, and nothing made yet."""
    (tmp_path / "verifier.toml").write_text(SETTINGS.format(folder=tmp_path))
    (tmp_path / "pin.txt").write_text(f"{PIN}\n")
    return tmp_path


@pytest.fixture
def office(bare: Path) -> Path:
    """An installation with an office, a window, a procedure and a clerk."""
    assert init(bare).exit_code == 0
    furnish(bare)
    (bare / "filings.csv").write_text(FILINGS, "utf-8")
    return bare


@pytest.fixture
def sessions(office: Path) -> Iterator[Sessions]:
    opened = open_registry(f"sqlite:///{office}/var/registry.db")
    yield opened
    opened.kw["bind"].dispose()


def entries(folder: Path) -> list[tuple[str, str]]:
    with closing(sqlite3.connect(folder / "var/registry.db")) as connection:
        return connection.execute("SELECT act, body FROM journal ORDER BY seq").fetchall()


def content(folder: Path) -> dict[Path, bytes]:
    """Every key, byte for byte."""
    return {path: path.read_bytes() for path in (folder / "keys").rglob("*") if path.is_file()}


def tamper(folder: Path, *statements: str) -> None:
    """As the owner of the database, who can drop triggers."""
    with closing(sqlite3.connect(folder / "var/registry.db")) as connection, connection:
        connection.execute("DROP TRIGGER IF EXISTS journal_no_update")
        connection.execute("DROP TRIGGER IF EXISTS journal_no_delete")
        for statement in statements:
            connection.execute(statement)


def test_init_makes_tables_keys_and_an_administrator_who_can_sign_in(bare: Path) -> None:
    result = init(bare)
    assert result.exit_code == 0, result.output
    assert result.output == (
        f"Keys: {bare}/keys (root, issuer, registry): made\n"
        "Tables of the registry: made\nAdministrator: 3001: made\n"
    )
    assert entries(bare) == [("installed", '{"administrator":"3001"}')]
    for path in content(bare):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE((bare / "var").stat().st_mode) == 0o700
    furnish(bare)
    installation = open_installation(read_settings(VerifierSettings, bare / "verifier.toml"))
    signed_in = Counter(installation).sign_in("W1", "3001", PIN, "first")
    assert signed_in == SignedIn("3001", "見本　四子", Role.ADMINISTRATOR)
    installation.sessions.kw["bind"].dispose()


def test_a_second_init_changes_nothing_and_says_what_is_there(bare: Path) -> None:
    init(bare)
    keys, journal = content(bare), entries(bare)
    result = run(bare, "init")
    assert result.exit_code == 0
    assert result.output == (
        f"Keys: {bare}/keys/registry: there already\n"
        "Tables of the registry: there already\nAdministrator: 3001: there already\n"
    )
    assert (content(bare), entries(bare)) == (keys, journal)


def test_init_asks_for_what_was_not_given_and_never_shows_the_pin(bare: Path) -> None:
    result = run(bare, "init", answers=f"3001\n見本　四子\n{PIN}\n{PIN}\n")
    assert result.exit_code == 0
    assert "Administrator: 3001: made" in result.output
    assert PIN not in result.output


@pytest.mark.parametrize(
    ("pin", "told"),
    [
        ("123", "a PIN has 4 to 12 digits"),
        ("", "a PIN has 4 to 12 digits"),
        ("四七〇一", "a PIN has 4 to 12 digits"),
        ("7777", "this PIN is easily guessed: choose another one"),
        ("4321", "this PIN is easily guessed: choose another one"),
    ],
)
def test_a_refused_pin_leaves_nothing_made(bare: Path, pin: str, told: str) -> None:
    (bare / "pin.txt").write_text(pin, "utf-8")
    result = init(bare)
    assert (result.exit_code, result.output) == (1, f"Error: {told}\n")
    assert not (bare / "keys").exists()


def test_damaged_keys_are_told_and_left_alone(bare: Path) -> None:
    init(bare)
    (bare / "keys/registry/keyset.json").unlink()
    left = content(bare)
    result = run(bare, "init")
    assert result.exit_code == 3
    assert result.output.startswith("Error: ")
    assert result.output.count("\n") == 1
    assert content(bare) == left


def test_what_is_added_stands_in_the_registry_and_the_journal(
    office: Path, sessions: Sessions
) -> None:
    with sessions() as session:
        procedure = session.get_one(Procedure, 1)
        assert [item.name for item in procedure.deliverables] == ["自動車検査証", "検査標章"]
        assert [(paper.name, paper.rule) for paper in procedure.papers] == [
            ("旧自動車検査証", "always"),
            ("納税証明書", "tax_unconfirmed"),
        ]
        assert session.get_one(Kiosk, "W1").office_code == "S1"
        clerk = session.get_one(Staff, "1001")
        assert clerk.role is Role.CLERK
        assert check_secret(PIN, clerk.pin_hash)
    assert [json.loads(body) for _, body in entries(office)[1:]] == [
        {"added": "office", "code": "S1"},
        {"added": "procedure", "code": "1"},
        {"added": "kiosk", "code": "W1"},
        {"added": "staff", "code": "1001", "role": "clerk"},
    ]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("office", "add", "S1", "見本"), "office S1 is there already"),
        (("office", "add", "S 1", "見本"), "a code has 1 to 24 letters, digits and hyphens"),
        (("office", "add", "S2", " "), "a name has 1 to 120 characters"),
        (("office", "add", "S2", "見\u202e本"), "the name holds a character that cannot be seen"),
        (("kiosk", "add", "W2", "窓口2", "--office", "S9"),
         "there is no office S9; add it first"),
        (("kiosk", "add", "W1", "窓口1", "--office", "S1"), "kiosk W1 is there already"),
        (("procedure", "add", "2", "継続検査"), "procedure 1 has that name"),
    ],
)  # fmt: skip
def test_what_cannot_be_added_is_told_in_one_line(
    office: Path, arguments: tuple[str, ...], told: str
) -> None:
    before = entries(office)
    result = run(office, *arguments)
    assert (result.exit_code, result.output) == (1, f"Error: {told}\n")
    assert entries(office) == before


def counted(new: int = 0, unchanged: int = 0, refused: int = 0) -> str:
    kept = "0 kept as they are (in hand, handed over or withdrawn)"
    return f"{new} new, 0 updated, {unchanged} unchanged, {kept}, {refused} refused\n"


def test_import_tells_what_became_of_the_filings(office: Path, sessions: Sessions) -> None:
    path = office / "filings.csv"
    would = run(office, "import", "--dry-run", str(path))
    assert (would.exit_code, would.output) == (0, f"{path}: would be: {counted(new=1)}")
    result = run(office, "import", str(path))
    assert (result.exit_code, result.output) == (0, f"{path}: {counted(new=1)}")
    again = run(office, "import", str(path))
    assert again.output == f"{path}: {counted(unchanged=1)}"
    with sessions() as session:
        assert session.scalars(select(Filing.number)).all() == ["2600000000000001"]
    assert not path.with_name("filings.csv.refused.csv").exists()


def test_import_hashes_inquiry_passwords_at_the_cost_of_the_settings(
    office: Path, sessions: Sessions
) -> None:
    path = office / "secret.jsonl"
    path.write_text(
        '{"number":"2600000000000009","procedure":"1","office":"S1","status":"ready",'
        '"password":"mihon-shinsei"}'
    )
    result = run(office, "import", str(path))
    assert result.exit_code == 0, result.output
    with sessions() as session:
        stored = session.scalars(select(Filing.password_hash)).one()
    assert stored is not None
    assert stored.startswith("$2b$12$")
    assert check_secret("mihon-shinsei", stored)
    assert "mihon-shinsei" not in result.output + str(entries(office))


def test_import_lists_refused_rows_in_a_report_and_brings_in_the_rest(office: Path) -> None:
    path, report = office / "filings.csv", office / "filings.csv.refused.csv"
    path.write_text(FILINGS + "12,継続検査,S9,,交付可\n", "utf-8")
    result = run(office, "import", str(path))
    assert result.exit_code == 1
    assert result.output == (
        f"{path}: {counted(new=1, refused=1)}Error: 1 row is not in order: see {report}\n"
    )
    assert report.read_text("utf-8-sig").splitlines() == [
        "line,field,reason",
        "3,number,a filing number has 16 or 17 digits",
        "3,office,no office of that code",
    ]


def test_import_refuses_what_is_no_file_of_filings(office: Path) -> None:
    path, before = office / "filings.csv", entries(office)
    path.write_text("name\n")
    result = run(office, "import", str(path))
    assert result.exit_code == 1
    assert f"{path}: line 1, name: no field of that name\n" in result.output
    assert result.output.endswith("Error: this is no file of filings; nothing was written\n")
    assert entries(office) == before
    assert not path.with_name("filings.csv.refused.csv").exists()


def test_import_says_that_it_goes_on_where_it_stopped(
    office: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = office / "filings.csv"
    path.write_text(FILINGS + "2600000000000002,継続検査,S1,,交付可\n", "utf-8")
    monkeypatch.setattr("verifier.filings.importing.BATCH", 1)
    times = iter([datetime(2026, 11, 23, tzinfo=UTC)])
    monkeypatch.setattr("verifier.cli_import.utc_now", lambda: next(times))
    assert run(office, "import", str(path)).exception is not None
    monkeypatch.undo()
    result = run(office, "import", str(path))
    assert result.output == (
        f"An earlier run stopped: going on behind line 2.\n{path}: {counted(new=1)}"
    )
    again = run(office, "import", "--from-start", str(path))
    assert again.output == f"{path}: {counted(unchanged=2)}"


def test_an_export_is_journalled_and_verifies_offline(office: Path) -> None:
    out = office / "journal.jsonl"
    result = run(office, "journal", "export", "--out", str(out))
    assert (result.exit_code, result.output) == (0, f"{out}: entries 1 to 5\n")
    lines = [json.loads(line) for line in out.read_text("utf-8").splitlines()]
    assert [line.get("seq") for line in lines] == [1, 2, 3, 4, 5, None]
    assert (lines[-1]["entries"], lines[-1]["head"]) == (5, lines[-2]["hash"])
    assert entries(office)[-1][0] == "exported"
    nowhere = CliRunner().invoke(main, ["journal", "verify", "--file", str(out),
                                        "--config", "/nowhere/verifier.toml"])  # fmt: skip
    assert nowhere.exit_code == 0
    holds = f"The journal holds: 5 entries, head {lines[-2]['hash']}\n"
    assert nowhere.output.startswith(holds)
    assert "No witness from outside was given" in nowhere.output
    head = lines[-1]["head"][:12].upper()
    assert run(office, "journal", "verify", "--head", head).exit_code == 0


def test_an_export_to_standard_output_is_the_same_journal(office: Path) -> None:
    result = run(office, "journal", "export")
    assert result.exit_code == 0
    assert json.loads(result.stdout.splitlines()[-1])["entries"] == 5
    assert result.stderr == ""


def test_an_export_never_overwrites_a_file(office: Path) -> None:
    out = office / "journal.jsonl"
    out.write_text("an earlier one")
    before = entries(office)
    result = run(office, "journal", "export", "--out", str(out))
    assert (result.exit_code, result.output) == (1, f"Error: {out}: is there already\n")
    assert (out.read_text(), entries(office)) == ("an earlier one", before)


@pytest.mark.parametrize(
    ("statement", "entry"),
    [
        ("UPDATE journal SET body = '{}' WHERE seq = 3", 3),
        ("DELETE FROM journal WHERE seq = 3", 4),
        ("UPDATE journal SET seq = 9 WHERE seq = 3", 4),
    ],
    ids=["edited", "deleted", "moved"],
)
def test_verify_names_the_first_entry_that_does_not_hold(
    office: Path, statement: str, entry: int
) -> None:
    tamper(office, statement)
    result = run(office, "journal", "verify")
    assert result.exit_code == 1
    assert result.output.startswith(f"entry {entry}: ")
    assert result.output.endswith(f"Error: the journal does not hold, first at entry {entry}\n")


def test_verify_names_the_filing_that_is_not_as_the_journal_says(office: Path) -> None:
    number = FILINGS.splitlines()[1].split(",")[0].replace(" ", "")
    assert run(office, "import", str(office / "filings.csv")).exit_code == 0
    assert run(office, "journal", "verify").exit_code == 0
    tamper(office, f"UPDATE filings SET status = 'released' WHERE number = '{number}'")
    result = run(office, "journal", "verify")
    assert result.exit_code == 1
    assert f"filing {number} is released" in result.output
    assert result.output.endswith("Error: the chain holds, but the registry disagrees with it\n")


def test_a_cut_off_end_shows_against_the_head_of_a_receipt(
    office: Path, sessions: Sessions
) -> None:
    with sessions() as session:
        head = session.scalars(select(JournalEntry.hash).order_by(JournalEntry.seq.desc())).first()
    assert head is not None
    assert run(office, "journal", "verify", "--head", head[:12]).exit_code == 0
    tamper(office, "DELETE FROM journal WHERE seq = 5")
    assert run(office, "journal", "verify").exit_code == 0
    result = run(office, "journal", "verify", "--head", head[:12])
    assert result.exit_code == 1
    assert head[:12] in result.output


def test_an_edited_export_does_not_verify(office: Path) -> None:
    out = office / "journal.jsonl"
    run(office, "journal", "export", "--out", str(out))
    out.write_text(out.read_text("utf-8").replace('"staff\\"', '"kiosk\\"'), "utf-8")
    result = run(office, "journal", "verify", "--file", str(out))
    assert result.exit_code == 1
    assert "first at entry 5" in result.output


@pytest.mark.parametrize("head", ["123", "not-a-hash-at-all", "1" * 65])
def test_a_head_out_of_form_is_wrong_usage(office: Path, head: str) -> None:
    result = run(office, "journal", "verify", "--head", head)
    assert result.exit_code == 2
    assert "a head has 12 to 64 digits" in result.output


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ("registry = [", "not TOML"),
        ('registry = "sqlite:////nowhere/r.db"\nsystem_id = "t"\nkeys = "k"\n',
         "/nowhere/r.db: no registry there; make one with: verifier init"),
        ('registry = "sqlite://"\nsystem_id = "t"\nkeys = "k"\n',
         "The registry has no tables; make them with: verifier init"),
        ('registry = "what is this"\nsystem_id = "t"\nkeys = "k"\n',
         "The registry cannot be used (ArgumentError)."),
        ('registry = "postgresql+psycopg://127.0.0.1:1/none"\nsystem_id = "t"\nkeys = "k"\n',
         "The registry cannot be used (OperationalError)."),
        ('registry = "oracle+none://x/y"\nsystem_id = "t"\nkeys = "k"\n', "cannot be used"),
    ],
)  # fmt: skip
def test_an_unusable_installation_is_told_in_one_line(bare: Path, settings: str, told: str) -> None:
    (bare / "verifier.toml").write_text(settings)
    result = run(bare, "journal", "verify")
    assert result.exit_code == 3
    assert told in result.output
    assert result.output.startswith("Error: ")
    assert "Traceback" not in result.output


def test_keys_in_a_folder_of_another_name_are_refused_before_anything_is_made(bare: Path) -> None:
    text = (bare / "verifier.toml").read_text().replace("keys/registry", "keys/mine")
    (bare / "verifier.toml").write_text(text)
    result = init(bare)
    assert result.exit_code == 3
    assert 'the folder is called "registry"' in result.output
    assert not (bare / "keys").exists()


@pytest.mark.parametrize(
    "command",
    [(), ("init",), ("import",), ("journal", "export"), ("journal", "verify"), ("office", "add"),
     ("kiosk", "add"), ("staff", "add"), ("procedure", "add"), ("backup",), ("restore",),
     ("purge",), ("keys", "list"), ("keys", "create"), ("keys", "publish"), ("keys", "retire"),
     ("keys", "destroy")],
)  # fmt: skip
def test_help_teaches_with_an_example(command: tuple[str, ...]) -> None:
    result = CliRunner().invoke(main, [*command, "--help"])
    assert result.exit_code == 0
    example = " ".join(("verifier", *command)) if command else "verifier init"
    assert f"  {example}" in result.output


# --- the console's first password, and witnesses from outside --------------------------------


def secret(folder: Path, text: str) -> str:
    path = folder / "password.txt"
    path.write_text(text + "\n")
    return str(path)


def test_the_first_administrator_gets_into_the_console(office: Path, sessions: Sessions) -> None:
    file = secret(office, "hajimete-mihon")
    result = run(office, "staff", "password", "3001", "--password-file", file)
    assert (result.exit_code, result.output) == (0, "Staff 3001: has a password for the console\n")
    with sessions() as session:
        person = session.get_one(Staff, "3001")
        assert check_secret("hajimete-mihon", str(person.password_hash))
        assert person.password_is_temporary
    assert entries(office)[-1] == ("staff_changed", '{"change":"password","person":"3001"}')


@pytest.mark.parametrize(
    ("number", "password", "told"),
    [
        ("3001", "mijikai", "a password has 8 ASCII characters or more"),
        ("3001", "password1", "is not a common one"),
        ("3001", "見本のパスワード", "a password has 8 ASCII characters or more"),
        ("1001", "hajimete-mihon", "staff 1001 is a clerk and has no console"),
        ("9999", "hajimete-mihon", "there is no staff 9999"),
    ],
)
def test_a_console_password_that_cannot_be_given_is_told(
    office: Path, number: str, password: str, told: str
) -> None:
    result = run(office, "staff", "password", number, "--password-file", secret(office, password))
    assert result.exit_code == 1
    assert told in result.output
    assert password not in result.output


def signed_copy(folder: Path) -> Path:
    """The registry's checkpoints as they lie on another machine."""
    installation = open_installation(read_settings(VerifierSettings, folder / "verifier.toml"))
    notary.sign_due(installation)
    copy = folder / "elsewhere.jsonl"
    with installation.sessions() as session:
        checkpoints.copy_out(session, copy)
    installation.sessions.kw["bind"].dispose()
    return copy


def test_a_cut_off_end_shows_against_the_copy_of_the_checkpoints(office: Path) -> None:
    copy = signed_copy(office)
    witnessed = ("journal", "verify", "--checkpoints", str(copy))
    assert run(office, *witnessed).exit_code == 0
    tamper(office, "DROP TRIGGER checkpoints_no_delete", "DELETE FROM checkpoints",
           "DELETE FROM journal WHERE seq = 5")  # fmt: skip
    assert run(office, "journal", "verify").exit_code == 0
    result = run(office, *witnessed)
    assert result.exit_code == 1
    assert "entry 4: a checkpoint counts 5 entries, the journal ends here: cut off" in result.output


def test_an_export_is_checked_with_nothing_but_the_copy_and_the_public_key(office: Path) -> None:
    copy, out = signed_copy(office), office / "journal.jsonl"
    run(office, "journal", "export", "--out", str(out))
    [key] = (office / "keys" / "registry").glob("checkpoint-*.pub.pem")
    offline = ["journal", "verify", "--file", str(out), "--checkpoints", str(copy),
               "--key", str(key), "--config", "/nowhere/verifier.toml"]  # fmt: skip
    good = CliRunner().invoke(main, offline)
    assert (good.exit_code, "Agreed: 1 checkpoints and receipts" in good.output) == (0, True)
    copy.write_text(copy.read_text().replace('"size": 5', '"size": 4'))
    forged = CliRunner().invoke(main, offline)
    assert forged.exit_code == 1
    assert "line 1: not signed by this registry's key" in forged.output


def test_an_installation_of_before_gets_its_missing_keys_from_init(office: Path) -> None:
    keys = office / "keys" / "registry"
    for gone in (*keys.glob("checkpoint-*"), keys / "console.key"):
        gone.unlink()
    with pytest.raises(InvalidSettings, match="verifier init"):
        open_installation(read_settings(VerifierSettings, office / "verifier.toml"))
    assert init(office).exit_code == 0
    open_installation(read_settings(VerifierSettings, office / "verifier.toml"))
    assert {path.stat().st_mode & 0o777 for path in keys.iterdir()} == {0o600}


# --- backup, restore, purge ------------------------------------------------------------------


def test_a_backup_is_told_checked_and_restored(office: Path, sessions: Sessions) -> None:
    assert run(office, "import", str(office / "filings.csv")).exit_code == 0
    file = office / "today.backup"
    made = run(office, "backup", str(file))
    assert made.exit_code == 0, made.output
    assert f"{file}: made " in made.output
    assert "7 journal entries" in made.output
    checked = run(office, "restore", "--check", str(file))
    assert checked.output.endswith(": whole and signed by this registry\n")
    again = run(office, "restore", str(file))
    assert (again.exit_code, again.output) == (
        1,
        f"Error: {file}: the database is not empty: restore into a new one\n",
    )
    (office / "verifier.toml").write_text(SETTINGS.format(folder=office / "new"))
    restored = run(office, "restore", str(file))
    assert restored.exit_code == 0, restored.output
    assert restored.output.endswith(": restored, the journal holds\n")
    assert entries(office / "new")[:-1] == entries(office)
    assert entries(office / "new")[-1][0] == "restored"
    assert run(office, "journal", "verify").exit_code == 0
    assert run(office, "backup", str(file)).output == f"Error: {file}: is there already\n"


def test_a_backup_of_a_changed_journal_is_written_and_told(office: Path) -> None:
    tamper(office, "UPDATE journal SET body = '{}' WHERE seq = 3")
    file = office / "today.backup"
    made = run(office, "backup", str(file))
    assert made.exit_code == 1
    assert "Error: the journal does not hold: entry 3" in made.output
    assert file.exists()


def test_a_torn_backup_is_refused_in_one_line(office: Path) -> None:
    file = office / "today.backup"
    run(office, "backup", str(file))
    file.write_bytes(file.read_bytes()[:200])
    torn = run(office, "restore", "--check", str(file))
    assert (torn.exit_code, torn.output) == (
        1,
        f"Error: {file}: the file ends in the middle: it was not written whole\n",
    )


def test_purge_tells_what_it_removed(office: Path) -> None:
    done = run(office, "purge")
    assert (done.exit_code, done.output) == (
        0,
        "filings 0, collectors 0, memos 0, sheets 0, answers 0, sign ins 0\n",
    )
