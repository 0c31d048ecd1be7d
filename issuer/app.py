"""Builds the public portal: registry, keys and clock in, a Flask application out."""

from datetime import timedelta

from flask import Flask
from flask_wtf import CSRFProtect

from issuer import codes, inquiry_pages, pages
from issuer.limits import Limits, limit
from issuer.portal import EXTENSION, Portal

BODY = 8 * 1024
"""Bytes; the longest form is under two."""


def create_app(portal: Portal, secret_key: bytes, limits: Limits | None = None) -> Flask:
    """Put the portal together. Limits come first: a flood is turned away before any work."""
    app = Flask("issuer")
    app.config.update(
        SECRET_KEY=secret_key,
        MAX_CONTENT_LENGTH=BODY,
        SESSION_COOKIE_NAME="portal",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        PERMANENT_SESSION_LIFETIME=timedelta(hours=8),
        WTF_CSRF_TIME_LIMIT=None,
    )
    app.extensions[EXTENSION] = portal
    for blueprint in (pages.bp, codes.bp, inquiry_pages.bp):
        app.register_blueprint(blueprint)
    limit(app, limits or Limits())
    CSRFProtect(app)
    import jinja2

    app.jinja_loader = jinja2.ChoiceLoader(
        [app.jinja_loader, jinja2.FileSystemLoader("shared/web/templates")]
    )
    from flask_wtf.csrf import generate_csrf
    from markupsafe import Markup

    app.jinja_env.globals["csrf_field"] = lambda: Markup(
        f'<input type=hidden name=csrf_token value="{generate_csrf()}">'
    )
    return app
