"""A registry for the windows of many offices: the verbs of a `Counter` over HTTP, below /api/v1.

The same judgement and the same registry as in one process; here the window is the device's
credential and the person a pass, so that no kiosk says itself who or where it is.
"""

from flask import Blueprint, Flask, Response, request

from shared.key_files import Pinned
from verifier.api import enrolment, passes, pushed
from verifier.api.crowding import Crowding
from verifier.api.document import KEY_HEADER, PREFIX
from verifier.api.views import EXTENSION, add_counter, answer_of, house, order_in
from verifier.dayplan import making, returning
from verifier.dayplan.envelope import SEALED
from verifier.dayplan.ledger import RETURNED, PlanReturn
from verifier.installation import Installation


def create_api(installation: Installation, pinned: Pinned, threads: int) -> Blueprint:
    """The API of one registry, answered by so many threads.

    After `shared.web.install`, `exempt` it from CSRF tokens.
    """
    bp = Blueprint("api", __name__, url_prefix=PREFIX)
    bp.record_once(lambda setup: setup.app.extensions.__setitem__(EXTENSION, installation))

    @bp.post("/devices")
    def devices() -> Response:
        """Make the asking device a window."""
        code = order_in(enrolment.DeviceCode).code
        key = enrolment.order_key_of(request.headers.get(KEY_HEADER))
        given = enrolment.enrol(house(), pinned, code, key)
        return answer_of(enrolment.NEW_DEVICE.dump_json(given))

    @bp.get("/trust")
    def trust() -> Response:
        """What this window checks seals with."""
        passes.window(house())
        return answer_of(enrolment.TRUST.dump_json(enrolment.trust(house(), pinned)))

    @bp.post("/plans")
    def plans() -> Response:
        """Make this window's next day plan."""
        plan = making.make(house(), passes.window(house()), passes.credential())
        return answer_of(SEALED.dump_json(plan) if plan else None)

    @bp.post("/plans/returns")
    def plan_returns() -> Response:
        """Take back what was done on a day plan."""
        window = passes.window(house())
        part = order_in(PlanReturn)
        return answer_of(RETURNED.dump_json(returning.take(house(), window, part)))

    @bp.post("/filings")
    def filings() -> Response:
        """Bring in what the application system sends."""
        pushed.require_sender(house())
        order = order_in(pushed.FilingsPush)
        return answer_of(pushed.PUSHED.dump_json(pushed.take(house(), order)))

    add_counter(bp, Crowding(threads))
    return bp


def exempt(app: Flask) -> None:
    """Ask devices for no CSRF token: they have no cookie that one could misuse."""
    app.extensions["csrf"].exempt(app.blueprints["api"])
