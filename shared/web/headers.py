"""Headers that every answer carries (OWASP ASVS 5, V3.4)."""

from flask import Flask, Response, request
from werkzeug.middleware.proxy_fix import ProxyFix

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'self'",
        "img-src 'self' data:",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    # Not no-referrer: behind TLS the CSRF check compares the referrer's origin with ours.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}

TLS_ALONE = "Strict-Transport-Security"
ONLY_TLS = "max-age=31536000"
"""A year; over plain HTTP browsers must ignore it, and it is left out."""


def harden(answer: Response) -> Response:
    """Add what the view did not set itself."""
    for name, value in HEADERS.items():
        answer.headers.setdefault(name, value)
    if request.is_secure:
        answer.headers.setdefault(TLS_ALONE, ONLY_TLS)
    return answer


def of_refusals(app: Flask) -> dict[str, str]:
    """What the server's own refusals carry: they come before anybody knows whether there was TLS.

    Behind a trusted proxy there should be; a browser ignores the line if there was not.
    """
    behind_proxy = isinstance(app.wsgi_app, ProxyFix)
    return HEADERS | ({TLS_ALONE: ONLY_TLS} if behind_proxy else {})
