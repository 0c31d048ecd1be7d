"""The suite of the `Counter` runs on the real one in this process, and over HTTP on a socket."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace

import pytest

from tests.builders import House


@pytest.fixture(params=["here", "http"])
def asked(request: pytest.FixtureRequest) -> Iterator[Callable[[House], House]]:
    """Gives a house whose counter is asked here or over HTTP."""
    with ExitStack() as stack:

        def over_http(house: House) -> House:
            server = request.getfixturevalue("registry_server")
            return replace(house, counter=stack.enter_context(server.serving(house)))

        yield (lambda house: house) if request.param == "here" else over_http


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A central registry is on PostgreSQL; over HTTP on SQLite is for the long proofs."""
    for item in items:
        params = getattr(item, "callspec", None) and item.callspec.params
        if params and params.get("asked") == "http" and "sqlite" in params.values():
            item.add_marker(pytest.mark.slow)
