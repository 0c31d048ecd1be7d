"""The session's cookie: behind TLS only for TLS, and from no other host (``__Host-``)."""

from flask import Flask, has_request_context, request
from flask.sessions import SecureCookieSessionInterface


class SessionCookie(SecureCookieSessionInterface):
    """Flask's signed cookie; whether TLS ends before us, a trusted proxy says per request."""

    def get_cookie_name(self, app: Flask) -> str:
        """A name with which browsers take it from this host over TLS alone."""
        name = super().get_cookie_name(app)
        return f"__Host-{name}" if _over_tls() else name

    def get_cookie_secure(self, app: Flask) -> bool:
        """Over TLS, sent over TLS alone."""
        return _over_tls() or super().get_cookie_secure(app)


def _over_tls() -> bool:
    return has_request_context() and request.is_secure
