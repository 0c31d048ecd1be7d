"""How much one address, and everybody together, may ask of the portal.

Counted before anything else is done, so that a flood costs neither bcrypt nor drawing. In memory:
one process serves the portal, and a restart may forget.
"""

import logging
import time
from collections.abc import Iterator
from math import ceil

from flask import Flask, request
from limits import RateLimitItem, parse_many
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter
from pydantic import BaseModel, ConfigDict, field_validator
from werkzeug.exceptions import TooManyRequests

_log = logging.getLogger(__name__)
GROUPS = {
    "issuing": ("codes.issue", "inquiry.switch", "inquiry.show_again", "api.issue_sheet"),
    "drawing": ("sheet.page", "sheet.pdf", "api.procedures"),
    "signing_in": ("inquiry.take_number", "inquiry.sign_in_with_password"),
}
"""Views that cost something, by the name of their limit."""


class Limits(BaseModel):
    """Requests, in the notation of the `limits` library."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    issuing: str = "30 per minute; 300 per hour"
    drawing: str = "120 per minute"
    signing_in: str = "20 per minute; 120 per hour"
    everybody: str = "3000 per minute"
    """All addresses together, over all of the above."""

    @field_validator("*")
    @classmethod
    def _can_be_read(cls, rate: str) -> str:
        parse_many(rate)
        return rate


class Counter:
    """Counts what was asked, by address and group."""

    def __init__(self, limits: Limits) -> None:
        self._counts = FixedWindowRateLimiter(MemoryStorage())
        self._rates = {name: parse_many(rate) for name, rate in limits.model_dump().items()}
        self._group = {view: name for name, views in GROUPS.items() for view in views}

    def count(self) -> None:
        """Before a request is looked at. Raises TooManyRequests, which says when to come back."""
        group = self._group.get(request.endpoint or "")
        if group is None:
            return
        for rate, *key in self._counted(group):
            if not self._counts.hit(rate, *key):
                # The address, so that a flood can be shut out before us; never what it sent.
                _log.warning("limit %s by %s at %s", rate, request.remote_addr, request.endpoint)
                ends = self._counts.get_window_stats(rate, *key).reset_time
                raise TooManyRequests(retry_after=max(1, ceil(ends - time.time())))

    def _counted(self, group: str) -> Iterator[tuple[RateLimitItem, str, str]]:
        for rate in self._rates[group]:
            yield rate, group, request.remote_addr or ""
        for rate in self._rates["everybody"]:
            yield rate, "everybody", ""


def limit(app: Flask, limits: Limits) -> None:
    """Put the limits on an application: before its CSRF check, which costs something too."""
    app.before_request(Counter(limits).count)
