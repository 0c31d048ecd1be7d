"""The API against its own OpenAPI document: schemathesis calls the real application.

Left out is one check, that whatever fits the shapes is accepted: which characters a name may have
and which procedures are open is more than a shape can say.
"""

from collections.abc import Iterator

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import CHECKS

from issuer.limits import Limits
from tests.issuer_world import World, a_press, make_world

FREE = Limits(issuing="99999/hour", drawing="99999/hour", everybody="99999/minute")
EXAMPLES = 60
SHEETS = "/api/v1/sheets"
CHECKED = [check for check in CHECKS.get_all() if check.__name__ != "positive_data_acceptance"]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    built = make_world(tmp_path_factory.mktemp("portal"), a_press(), FREE)
    yield built
    built.sessions.kw["bind"].dispose()


def statuses(world: World, path: str, method: str, mode: GenerationMode) -> set[int]:
    """Call an operation again and again; the statuses of its answers, all as described."""
    described = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", world.app)
    calls = described[path][method].as_strategy(generation_mode=mode)
    seen: set[int] = set()

    @given(call=calls)
    @settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
    def each_answer_conforms(call: schemathesis.Case) -> None:
        seen.add(call.call_and_validate(checks=CHECKED).status_code)

    each_answer_conforms()
    return seen


@pytest.mark.parametrize("path", ["/api/v1/procedures", "/api/v1/openapi.json"])
def test_what_is_asked_for_is_answered_as_the_document_says(world: World, path: str) -> None:
    assert statuses(world, path, "get", GenerationMode.POSITIVE) == {200}


def test_orders_that_fit_are_answered_as_the_document_says(world: World) -> None:
    seen = statuses(world, SHEETS, "post", GenerationMode.POSITIVE)
    assert {201, 422} <= seen <= {201, 406, 422}


def test_orders_that_do_not_fit_are_refused_as_the_document_says(world: World) -> None:
    seen = statuses(world, SHEETS, "post", GenerationMode.NEGATIVE)
    assert {400, 422} <= seen
    assert max(seen) < 500
    assert 201 not in seen


def test_the_document_is_openapi_3_1_and_offers_what_the_application_has(world: World) -> None:
    document = world.app.test_client().get("/api/v1/openapi.json").json
    assert document is not None
    assert document["openapi"] == "3.1.0"
    schemathesis.openapi.from_wsgi("/api/v1/openapi.json", world.app).validate()
    routes = {
        rule.rule
        for rule in world.app.url_map.iter_rules()
        if rule.endpoint.startswith("api.") and rule.endpoint not in ("api.guide", "api.nothing")
    }
    assert routes == set(document["paths"])
