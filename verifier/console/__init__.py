"""責任者画面: the supervisor's console, served beside the counter screens or on its own.

`create_console` gives the blueprint; `shared.web.install` gives the application its shell.
"""

from flask import Blueprint

from verifier.console import (
    access,
    acting,
    entry_page,
    export,
    holds,
    journal_pages,
    overview,
    saved_views,
    search,
    supervising,
)
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
    _add_reading(bp)
    _add_acts(bp)
    return bp


def _add_reading(bp: Blueprint) -> None:
    """What is looked at: today, the log, one entry, a vehicle, a file."""
    bp.add_url_rule("/", "overview", overview.overview)
    bp.add_url_rule("/journal", "journal", journal_pages.journal)
    bp.add_url_rule("/journal", "narrow", journal_pages.narrow, methods=["POST"])
    bp.add_url_rule("/newer", "newer", journal_pages.newer)
    bp.add_url_rule("/entries/<int:seq>", "entry", entry_page.entry)
    bp.add_url_rule("/views", "save_view", saved_views.save, methods=["POST"])
    forget = "/views/<int:view_id>/forget"
    bp.add_url_rule(forget, "forget_view", saved_views.forget, methods=["POST"])
    bp.add_url_rule("/search", "search", search.search)
    bp.add_url_rule("/search", "take_search", search.take_search, methods=["POST"])
    bp.add_url_rule("/export", "export", export.export)
    bp.add_url_rule("/export", "take_export", export.take_export, methods=["POST"])
    bp.add_url_rule("/exports/<int:seq>", "ordered", export.ordered)
    bp.add_url_rule("/exports/<int:seq>/<name>", "download", export.download)
    bp.add_url_rule("/holds", "holds", holds.holds)


def _add_acts(bp: Blueprint) -> None:
    """What only supervisors do."""
    undo = "/filings/<int:filing_id>/undo"
    bp.add_url_rule(undo, "undo_page", supervising.undo_page)
    bp.add_url_rule(undo, "undo", supervising.undo, methods=["POST"])
    lift = "/holds/<int:hold_id>/lift"
    bp.add_url_rule(lift, "lift_page", holds.lift_page)
    bp.add_url_rule(lift, "lift", holds.lift, methods=["POST"])
    bp.add_url_rule("/windows", "windows", supervising.windows)
    bp.add_url_rule("/windows/<code>/unlock", "unlock", supervising.unlock, methods=["POST"])
