"""記録の検証: whether anybody changed the record, and what vouches for it."""

from flask import flash, g, redirect, render_template, url_for
from sqlalchemy import func, select
from werkzeug.wrappers import Response

from shared.db.session import reading
from shared.db.tables import Checkpoint, Staff
from verifier import checkpoints
from verifier.console.access import only
from verifier.console.house import full_check, installation
from verifier.console.integrity_words import HOW
from verifier.console_sign_in import CONSOLE_ROLES
from verifier.journal_walk import Break, How
from verifier.registry import journal

SHOWN = 10


def integrity() -> str:
    """The head, the newest checkpoints, and how the newest check of the whole record went."""
    house = installation()
    with reading(house.sessions) as session:
        newest = select(Checkpoint).order_by(Checkpoint.size.desc()).limit(SHOWN)
        shown = session.scalars(newest).all()
        return render_template(
            "console/integrity.html",
            head=journal.head(session),
            checkpoints=shown,
            count=session.scalar(select(func.count()).select_from(Checkpoint)),
            forged={flaw.seq for flaw in _flaws(list(reversed(shown)))},
            copy=house.policy.checkpoint_copy,
            check=full_check().newest,
            is_running=full_check().is_running,
            how=HOW,
            names={n: name for n, name in session.execute(select(Staff.number, Staff.name))},
        )


@only(CONSOLE_ROLES)
def check() -> Response:
    """Check the whole record in the background; pressing twice starts one check."""
    if full_check().start(g.person.number):
        flash("検証を始めました。件数が多いと数分かかります。")
    else:
        flash("検証はもう始まっています。")
    return redirect(url_for("console.integrity"), 303)


def _flaws(shown: list[Checkpoint]) -> list[Break]:
    """Those whose signature does not hold; the first one's predecessor is not on the page."""
    publics = installation().keys.checkpoint_publics
    found = checkpoints.flaws(shown, publics)
    return [flaw for flaw in found if flaw.how is How.CHECKPOINT_FORGED]
