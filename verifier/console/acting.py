"""The pages on which somebody acts: sign-in, own settings, administration."""

from flask import Blueprint

from verifier.console import (
    account,
    alert_pages,
    day_pages,
    integrity_pages,
    office_pages,
    plan_pages,
    procedure_pages,
    receiver_pages,
    setting_pages,
    signing_in,
    staff_pages,
    window_pages,
)


def add_routes(bp: Blueprint) -> None:
    """Give the console its acting half."""
    for rules in (_PERSONAL, _RECEIVERS, _STAFF, _WINDOWS, _PROCEDURES, _WATCH, _PLANS):
        for method, rule, endpoint, view in rules:
            bp.add_url_rule(rule, endpoint, view, methods=[method])


_PERSONAL = (
    ("GET", "/sign-in", "sign_in", signing_in.sign_in_page),
    ("POST", "/sign-in", "take_sign_in", signing_in.take_sign_in),
    ("POST", "/sign-out", "sign_out", signing_in.sign_out),
    ("GET", "/prove", "prove", signing_in.prove_page),
    ("POST", "/prove", "take_proof", signing_in.prove),
    ("GET", "/account", "account", account.account),
    ("POST", "/account/password", "change_password", account.change_password),
    ("GET", "/account/second-factor", "new_factor", account.new_factor),
    ("POST", "/account/second-factor", "take_factor", account.take_factor),
    ("POST", "/account/second-factor/drop", "drop_factor", account.drop_factor),
)
_RECEIVER = "/receivers/<int:receiver_id>"
_RECEIVERS = (
    ("GET", "/receivers", "receivers", receiver_pages.receivers),
    ("GET", _RECEIVER, "receiver", receiver_pages.receiver),
    ("POST", f"{_RECEIVER}/changes", "propose", receiver_pages.propose),
    ("POST", f"{_RECEIVER}/changes/<int:change_id>", "decide", receiver_pages.decide),
    ("POST", f"{_RECEIVER}/not-before", "refuse_older", receiver_pages.refuse_older),
)
_STAFF = (
    ("GET", "/staff", "people", staff_pages.people),
    ("GET", "/staff/new", "new_person", staff_pages.new_person),
    ("POST", "/staff/new", "add_person", staff_pages.add_person),
    ("GET", "/staff/<number>", "person", staff_pages.person),
    ("POST", "/staff/<number>/<act>", "change_person", staff_pages.change_person),
)
_WINDOWS = (
    ("GET", "/windows/new", "new_window", window_pages.new_window),
    ("POST", "/windows/new", "add_window", window_pages.add_window),
    ("GET", "/windows/<code>", "window", window_pages.window),
    ("POST", "/windows/<code>", "change_window", window_pages.change_window),
    ("POST", "/windows/<code>/revoke", "revoke_window", window_pages.revoke_window),
    ("POST", "/windows/<code>/enrolment-code", "enrol", window_pages.issue_enrolment_code),
    ("GET", "/offices", "offices", office_pages.offices),
    ("POST", "/offices", "add_office", office_pages.add_office),
    ("POST", "/offices/<code>", "rename_office", office_pages.rename_office),
)
_PROCEDURES = (
    ("GET", "/procedures", "procedures", procedure_pages.procedures),
    ("GET", "/procedures/new", "new_procedure", procedure_pages.new_procedure),
    ("POST", "/procedures/new", "add_procedure", procedure_pages.add_procedure),
    ("GET", "/procedures/<int:code>", "procedure", procedure_pages.procedure),
    ("POST", "/procedures/<int:code>", "change_procedure", procedure_pages.change_procedure),
    ("GET", "/settings", "settings", setting_pages.settings),
    ("POST", "/settings/<rule>", "change_setting", setting_pages.change_setting),
)
_PLANS = (
    ("GET", "/plans", "plans", plan_pages.plans),
    ("POST", "/plans/<office>", "allow_plans", plan_pages.allow_plans),
    ("POST", "/plans/<office>/off", "forbid_plans", plan_pages.forbid_plans),
    (
        "POST",
        "/plans/conflicts/<int:conflict_id>",
        "settle_conflict",
        plan_pages.settle_conflict,
    ),
)
_DAY = "/days/<office>/<day>"
_WATCH = (
    ("GET", "/alerts", "alerts", alert_pages.alerts_page),
    ("POST", "/alerts/<int:alert_id>", "acknowledge", alert_pages.acknowledge),
    ("GET", "/integrity", "integrity", integrity_pages.integrity),
    ("POST", "/integrity", "check", integrity_pages.check),
    ("GET", "/days", "days", day_pages.days),
    ("GET", _DAY, "day", day_pages.day),
    ("POST", _DAY, "close_day", day_pages.close),
)
