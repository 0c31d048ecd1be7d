"""読み取り記録: the log with its filters and counts. Every view of it is an address."""

from dataclasses import dataclass, field

from flask import g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from shared.db.session import reading
from verifier.console import facets, periods, saved_views
from verifier.console.access import only
from verifier.console.choices import LABELS, Choices
from verifier.console.filters import CHOSEN, FIELDS, FOUND, Filters, read_filters
from verifier.console.finding import BOUND, Search
from verifier.console.house import installation
from verifier.console.journal_rows import lines_of
from verifier.console.typed import FIELDS as TYPED
from verifier.console.typed import LONGEST, look_up
from verifier.console_sign_in import CONSOLE_ROLES
from verifier.registry import journal as chain

MOST_SHOWN = 10_000_000


@dataclass(frozen=True, slots=True)
class _Typed:
    """What was typed into the form, shown again when nothing was found for it."""

    values: dict[str, str] = field(default_factory=dict)
    problems: dict[str, str] = field(default_factory=dict)


def filters_of_request() -> Filters:
    """The view of the log that the present address names."""
    return read_filters(request.args, periods.today_in_tokyo(installation().clock()))


def journal() -> str:
    """A page of entries; the next one goes on from the last entry of this one."""
    return _page(filters_of_request(), _Typed())


@only(CONSOLE_ROLES)
def narrow() -> Response | tuple[str, int]:
    """Look up what was typed and go to the view it names."""
    house = installation()
    wanted = {name: request.form.get(name, "") for name in FIELDS}
    with reading(house.sessions) as session:
        found = look_up(session, request.form, house.opener.lookup_key)
    today = periods.today_in_tokyo(house.clock())
    filters = read_filters(wanted | found.filters, today)
    if found.problems or filters.problems:
        typed = {name: request.form.get(name, "")[:LONGEST] for name in TYPED}
        return _page(filters, _Typed(typed, found.problems)), 422
    return redirect(f"{url_for('console.journal')}?{filters.query()}", 303)


def newer() -> dict[str, int]:
    """How many entries of a view came after the newest one on the page."""
    after = request.args.get("after", default=0, type=int)
    with reading(installation().sessions) as session:
        return {"count": Search(session, filters_of_request()).newer_than(after)}


def _page(filters: Filters, typed: _Typed) -> str:
    before = request.args.get("before", type=int)
    with reading(installation().sessions) as session:
        search = Search(session, filters)
        found, counts = search.page(before), search.counts()
        choices = Choices.of(session)
        return render_template(
            "console/journal.html",
            rows=lines_of(session, found.seqs),
            found=found,
            counts=counts,
            bound=f"{BOUND:,}件",
            shown=_shown_before() if before is not None else 0,
            is_first=before is None,
            head=chain.head(session),
            filters=filters,
            typed=typed,
            choices=choices,
            facets=facets.of(counts, filters, choices),
            chips=facets.chips(session, filters, choices),
            chosen=any(name in CHOSEN for name in filters.values),
            labels=LABELS,
            periods=periods.NAMED,
            kept={name: filters.values[name] for name in FOUND if name in filters.values},
            views=saved_views.visible_to(session, g.person.number),
            person=g.person,
        )


def _shown_before() -> int:
    """How many entries the pages before this one showed; only for the caption."""
    shown = request.args.get("shown", default=0, type=int)
    return min(max(shown, 0), MOST_SHOWN)
