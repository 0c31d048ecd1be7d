"""How much one address, and everybody together, may ask of the portal.

Counted before anything else is done, so that a flood costs neither bcrypt nor drawing. In memory:
one process serves the portal, and a restart may forget.
"""

import logging
import time
from typing import Any

from flask import Flask, request
from flask_limiter import Limiter, RateLimitExceeded
from flask_limiter.util import get_remote_address
from pydantic import BaseModel, ConfigDict
from werkzeug.exceptions import HTTPException, TooManyRequests

from shared.web import errors

_log = logging.getLogger(__name__)
ISSUING = ("codes.issue", "inquiry.switch", "inquiry.show_again", "api.issue_sheet")
DRAWING = ("sheet.page", "sheet.pdf", "api.procedures")
SIGNING_IN = ("inquiry.take_number", "inquiry.sign_in_with_password")


class Limits(BaseModel):
    """Requests, in the notation of the `limits` library."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    issuing: str = "30 per minute; 300 per hour"
    drawing: str = "120 per minute"
    signing_in: str = "20 per minute; 120 per hour"
    everybody: str = "3000 per minute"
    """All addresses together, over all of the above."""


def limit(app: Flask, limits: Limits) -> None:
    """Put the limits on the application's views; call it after the blueprints are registered."""
    limiter = Limiter(get_remote_address, storage_uri="memory://", headers_enabled=True)
    limiter.init_app(app)
    together = limiter.shared_limit(limits.everybody, scope="everybody", key_func=lambda: "all")
    for names, rate in (
        (ISSUING, limits.issuing), (DRAWING, limits.drawing), (SIGNING_IN, limits.signing_in),
    ):  # fmt: skip
        alone = limiter.shared_limit(rate, scope=names[0])
        for name in names:
            limited: Any = together(alone(app.view_functions[name]))
            app.view_functions[name] = limited

    def too_many(error: RateLimitExceeded) -> tuple[str, int, dict[str, str]] | HTTPException:
        # The address, so that a flood can be shut out in front of us; never what it sent.
        _log.warning(
            "limit %s by %s at %s", error.limit.limit, request.remote_addr, request.endpoint
        )
        reached = limiter.current_limit
        seconds = max(1, reached.reset_at - int(time.time())) if reached else 60
        return errors.answer(TooManyRequests(retry_after=seconds))

    app.register_error_handler(RateLimitExceeded, too_many)
