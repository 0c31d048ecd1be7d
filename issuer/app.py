"""Builds the public portal: registry, keys and clock in, a Flask application out."""

from datetime import timedelta

from flask import Flask

from issuer import api, codes, inquiry_pages, pages, sheet_pages
from issuer.limits import Limits, limit
from issuer.portal import EXTENSION, Portal
from shared.web import install
from shared.web.errors import Advice
from shared.web.health import create_health

BODY = 8 * 1024
"""Bytes; the longest form takes under two thousand."""


ADVICE = {
    403: Advice("このページは開けません", "トップページからたどってください。"),
    404: Advice(
        "ページが見つかりません",
        "アドレスに間違いがないか確かめるか、サイトマップからたどってください。"
        "発行した二次元コードの画面は、発行したブラウザーでだけ、15分間表示できます。",
    ),
}


def create_app(portal: Portal, secret_key: bytes, limits: Limits | None = None) -> Flask:
    """Put the portal together."""
    app = Flask("issuer")
    app.config.update(
        SECRET_KEY=secret_key,
        MAX_CONTENT_LENGTH=BODY,
        SESSION_COOKIE_NAME="portal",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        PERMANENT_SESSION_LIFETIME=timedelta(hours=8),
        WTF_CSRF_TIME_LIMIT=None,  # a form may lie open over lunch; the session bounds it
    )
    app.extensions[EXTENSION] = portal
    for blueprint in (pages.bp, codes.bp, sheet_pages.bp, inquiry_pages.bp, api.bp):
        app.register_blueprint(blueprint)
    app.register_blueprint(create_health(portal.lacking))
    limit(app, limits or Limits())
    install(app, "issuer/page.html", ADVICE)
    api.exempt(app)
    return app
