"""The registry's API against its own OpenAPI document: schemathesis calls every verb.

Left out is one check, that whatever fits the shapes is accepted: whether a basket is open or a
person signed in is more than a shape can say.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import CHECKS

from shared.db.schema import upgrade
from shared.db.session import open_registry
from tests.builders import ADMINISTRATOR, KEYS, WINDOW, House, house
from tests.served_registry import SECRET, give_credential
from verifier.acts import Desk
from verifier.api.document import DOCUMENT
from verifier.api.passes import staff_pass
from verifier.serving import Rooms, create_app

EXAMPLES = 8
PUSH_KEY = "p" * 64
LEFT_OUT = {"positive_data_acceptance", "ignored_auth"}
CHECKED = [check for check in CHECKS.get_all() if check.__name__ not in LEFT_OUT]
OPERATIONS = [(path, method) for path, ways in DOCUMENT["paths"].items() for method in ways]


@dataclass
class Described:
    """An application with the document that describes it, and those who may ask."""

    app: Flask
    device: dict[str, str]
    sender: dict[str, str]

    def headers(self, path: str) -> dict[str, str]:
        """With which somebody who counts at this address asks."""
        return self.sender if path.endswith("/filings") else self.device


@pytest.fixture(scope="module")
def described(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Described]:
    sessions = open_registry(f"sqlite:///{tmp_path_factory.mktemp('registry') / 'registry.db'}")
    upgrade(sessions)
    at: House = house(sessions)
    at.receiver()
    keys = replace(at.installation.keys, push=PUSH_KEY.encode())
    open_to_pushes = replace(at.installation, keys=keys)
    app = create_app(Rooms(open_to_pushes, open_to_pushes), KEYS.pinned, SECRET)
    device = {
        "Authorization": f"Bearer {give_credential(at, WINDOW)}",
        "Uketori-Staff": staff_pass(at.installation, Desk(WINDOW, ADMINISTRATOR)),
    }
    yield Described(app, device, {"Authorization": f"Bearer {PUSH_KEY}"})
    sessions.kw["bind"].dispose()


@pytest.mark.parametrize(("path", "method"), OPERATIONS)
def test_whatever_is_sent_is_answered_as_the_document_says(
    described: Described, path: str, method: str
) -> None:
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", described.app)
    seen: set[int] = set()
    for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
        operation = schema[path][method]
        if mode is GenerationMode.NEGATIVE and method == "get":
            continue

        @given(call=operation.as_strategy(generation_mode=mode))
        @settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
        def conforms(call: schemathesis.Case) -> None:
            answer = call.call_and_validate(headers=described.headers(path), checks=CHECKED)
            seen.add(answer.status_code)

        conforms()
    assert seen
    assert max(seen) < 500
    assert seen != {401}, "it got no further than the credential"


def test_the_document_is_openapi_3_1(described: Described) -> None:
    schemathesis.openapi.from_wsgi("/api/v1/openapi.json", described.app).validate()
