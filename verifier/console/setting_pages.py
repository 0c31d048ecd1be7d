"""設定: what holds, who changed it when, and what stands in files."""

from flask import abort, render_template, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response

from shared.db.session import reading
from shared.db.tables import Staff
from verifier.administration.rules import ChangeHouseRule
from verifier.console import words
from verifier.console.access import ADMINISTERING_ROLES, only
from verifier.console.house import installation
from verifier.console.ordering import Form, answer, give, number, typed
from verifier.registry import house_rules
from verifier.registry.house_rules import BOUNDS, HouseRule


def settings() -> str:
    """What holds now and who changed it; what stands in files is shown and not changed here."""
    return _settings(Form())


@only(ADMINISTERING_ROLES)
def change_setting(rule: str) -> Response | tuple[str, int]:
    """Let a setting be another one from now on."""
    if rule not in set(HouseRule):
        abort(404)
    form = give(rule, lambda: ChangeHouseRule(HouseRule(rule), number(typed("value"))))
    return answer(form, _settings, "設定を変更しました。", url_for("console.settings"))


def _settings(form: Form) -> str:
    with reading(installation().sessions) as session:
        values = {rule: house_rules.value_of(session, rule) for rule in HouseRule}
        names = {number: name for number, name in session.execute(select(Staff.number, Staff.name))}
        history = house_rules.history(session)
    return render_template(
        "console/settings.html",
        form=form,
        values=values,
        bounds=BOUNDS,
        labels=words.HOUSE_RULES,
        history=history,
        names=names,
        policy=installation().policy,
    )
