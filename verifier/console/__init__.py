"""責任者画面: the supervisor's console, served beside the counter screens or on its own.

`create_console` gives the blueprint; `shared.web.install` gives the application its shell.
"""

from flask import Blueprint

from verifier.console import access, acting, journal_pages, supervising
from verifier.console.house import House
from verifier.full_check import FullCheck
from verifier.installation import Installation


def create_console(installation: Installation) -> Blueprint:
    """The console of one registry, to be registered under /console."""
    bp = Blueprint(
        "console",
        __name__,
        url_prefix="/console",
        static_folder="static",
        template_folder="templates",
    )
    house = House(installation, FullCheck(installation))
    bp.record_once(lambda setup: house.move_in(setup.app.extensions))
    bp.before_request(access.guard)
    bp.after_request(access.never_stored)
    bp.context_processor(access.for_templates)
    acting.add_routes(bp)
    bp.add_url_rule("/", "journal", journal_pages.journal)
    bp.add_url_rule("/newer", "newer", journal_pages.newer)
    bp.add_url_rule("/entries/<int:seq>", "entry", journal_pages.entry)
    undo = "/filings/<int:filing_id>/undo"
    bp.add_url_rule(undo, "undo_page", supervising.undo_page)
    bp.add_url_rule(undo, "undo", supervising.undo, methods=["POST"])
    bp.add_url_rule("/windows", "windows", supervising.windows)
    bp.add_url_rule("/windows/<code>/unlock", "unlock", supervising.unlock, methods=["POST"])
    return bp
