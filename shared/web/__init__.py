"""What every web process of ours shows alike: shell, CSS, CSRF, errors, language, text size, time.

Call `install(app)` last, when the application's own blueprints are registered.
"""

from collections.abc import Mapping

from flask import Blueprint, Flask
from flask_wtf import CSRFProtect

from shared.web import bodies, errors, headers, language, text_size, times
from shared.web.cookies import SessionCookie

bp = Blueprint(
    "shared_web",
    __name__,
    static_folder="static",
    static_url_path="/shared",
    template_folder="templates",
)
bp.add_url_rule("/text-size", "set_text_size", text_size.set_text_size, methods=["POST"])


def install(
    app: Flask,
    shell: str = "base.html",
    advice: Mapping[int, errors.Advice] | None = None,
    choose_language: language.Choose = language.always_japanese,
) -> None:
    """Give an application the shared parts. Its SECRET_KEY must be set.

    Error pages extend the template `shell`; `advice` replaces their words, status by status.
    """
    app.before_request(bodies.refuse_other_encodings)
    app.session_interface = SessionCookie()
    CSRFProtect(app)
    app.register_blueprint(bp)
    app.after_request(headers.harden)
    app.context_processor(text_size.for_templates)
    app.jinja_env.filters.update(times.FILTERS)
    language.install(app, choose_language)
    errors.install(app, shell, advice or {})
