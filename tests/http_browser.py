"""A browser without JavaScript on a real socket, in the form of Flask's test client.

What drives forms on a test client (`tests.kiosk_world.Clerk`, `tests.issuer_world.Browser`) drives
a process with it. Whatever cuts an answer off raises OSError.
"""

import http.client
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from email.message import Message
from http.cookiejar import CookieJar
from typing import Any
from urllib.parse import urlencode, urljoin

PATIENCE = 30.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status_code: int
    headers: Message
    content: bytes

    @property
    def location(self) -> str:
        """Where it leads to."""
        return str(self.headers.get("Location", ""))

    def get_data(self, *, as_text: bool = True) -> str | bytes:
        """The page."""
        return self.content.decode() if as_text else self.content


class HttpBrowser:
    """Keeps cookies, follows nothing."""

    def __init__(self, address: str) -> None:
        self._address = address
        cookies = urllib.request.HTTPCookieProcessor(CookieJar())
        self._opener = urllib.request.build_opener(cookies, _Stay)

    def get(self, path: str, headers: Mapping[str, str] | None = None) -> Answer:
        """Raises OSError."""
        return self._send(
            urllib.request.Request(urljoin(self._address, path), headers=headers or {})
        )

    def post(self, path: str, data: Mapping[str, Any]) -> Answer:
        """Raises OSError."""
        body = urlencode(data, doseq=True).encode()
        return self._send(urllib.request.Request(urljoin(self._address, path), body))

    def _send(self, request: urllib.request.Request) -> Answer:
        try:
            with self._opener.open(request, timeout=PATIENCE) as answer:
                return Answer(answer.status, answer.headers, answer.read())
        except http.client.HTTPException as error:
            raise ConnectionError("the answer was cut off") from error


class _Stay(urllib.request.HTTPErrorProcessor):
    """Every status is an answer."""

    def http_response(self, _request: Any, response: Any) -> Any:
        return response

    https_response = http_response
