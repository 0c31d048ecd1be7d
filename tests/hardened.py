"""What every answer must carry, looked at in one place by every walk over the routes."""

from collections.abc import Mapping

FIXED = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Strict-Transport-Security": "max-age=31536000",
}
POLICY = {
    "default-src 'self'", "object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'",
    "form-action 'self'",
}  # fmt: skip
BEHIND_TLS = {"HTTP_X_FORWARDED_PROTO": "https", "HTTP_REFERER": "https://localhost/"}
"""What the environment of a browser's request holds behind our proxy, on a page of ours."""


def what_lacks(headers: Mapping[str, str]) -> list[str]:
    """Which headers of an answer behind TLS are missing or too weak."""
    wrong = [name for name, value in FIXED.items() if headers.get(name) != value]
    policy = headers.get("Content-Security-Policy", "")
    if "unsafe" in policy or not set(policy.split("; ")) >= POLICY:
        wrong.append("Content-Security-Policy")
    return wrong + [name for name in ("Access-Control-Allow-Origin",) if name in headers]
