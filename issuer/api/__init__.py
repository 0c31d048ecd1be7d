"""The portal for programs: sheets by `POST /api/v1/sheets`, described by an OpenAPI document.

The portal's rules hold: nothing is looked up about a receiver, nothing of an order is logged, and
the same limits count.
"""

from flask import Flask

from issuer.api.views import bp

__all__ = ["bp", "exempt"]


def exempt(app: Flask) -> None:
    """Ask the API's callers for no CSRF token: they have no cookie that one could misuse.

    Call it after `shared.web.install`.
    """
    app.extensions["csrf"].exempt(bp)
