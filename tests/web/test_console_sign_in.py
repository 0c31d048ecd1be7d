"""Signing in to the console: password, second factor, how long it lasts, and the ways back."""

import re
from datetime import timedelta

import pyotp
import pytest

from shared.db.session import Sessions
from shared.db.tables import ConsoleVisit, Setting, Staff
from shared.passwords import hash_secret
from tests.acting_world import Browser, browser, console_app, entries
from tests.builders import (
    ADMINISTRATOR,
    CLERK,
    CONSOLE_PASSWORD,
    PIN,
    SUPERVISOR,
    House,
    house,
)

NEW_PASSWORD = "atarashii-mihon"


@pytest.fixture
def at(registry: Sessions) -> House:
    return house(registry)


def alone(at: House, number: str) -> Staff:
    with at.sessions() as session:
        return session.get_one(Staff, number)


def changed(at: House, number: str, **fields: object) -> None:
    with at.sessions.begin() as session:
        for name, value in fields.items():
            setattr(session.get_one(Staff, number), name, value)


def with_factor(at: House, who: Browser) -> tuple[pyotp.TOTP, list[str]]:
    """Take a second factor into use; gives what makes its codes, and the recovery codes."""
    page = who.page("/console/account/second-factor")
    typed = re.search(r'<span class="oss-digits">([A-Z2-7 ]+)</span>', page)[1]
    recovery = re.findall(r"<li>([a-z2-9-]{14})</li>", page)
    totp = pyotp.TOTP(typed.replace(" ", ""))
    sealed = re.search(r'name="sealed" value="([^"]+)"', page)[1]
    fields = {"sealed": sealed, "code": totp.at(at.clock.now)}
    answer = who.post("/console/account/second-factor", fields)
    assert answer.location == "/console/account"
    return totp, recovery


def test_the_pin_of_the_counter_opens_no_console_and_the_password_no_counter(at: House) -> None:
    assert browser(at, None).sign_in(SUPERVISOR, PIN).status_code == 422
    refused = at.counter.sign_in("W1", SUPERVISOR, CONSOLE_PASSWORD, "a-key")
    assert not hasattr(refused, "role")


def test_a_visit_ends_after_twelve_hours_however_busy(at: House) -> None:
    who = browser(at)
    for _ in range(48):
        at.clock.move(minutes=15)
        assert who.client.get("/console/").status_code == 200
    at.clock.move(minutes=1)
    assert who.client.get("/console/").location == "/console/sign-in"


def test_signing_out_ends_the_visit_for_a_copied_cookie_too(at: House) -> None:
    who = browser(at)
    copied = who.client.get_cookie("session").value
    who.post("/console/sign-out", form_on="/console/")
    who.client.set_cookie("session", copied)
    assert who.client.get("/console/").location == "/console/sign-in"


def test_signing_in_draws_a_new_token_and_new_form_tokens(at: House) -> None:
    who = browser(at, None)
    before = re.search(r'name="csrf_token" value="([^"]+)"', who.page("/console/sign-in"))[1]
    who.sign_in()
    first = who.client.get_cookie("session").value
    stale = who.client.post("/console/sign-out", data={"csrf_token": before})
    assert stale.status_code == 400
    who.sign_in()
    assert who.client.get_cookie("session").value != first
    with at.sessions() as session:
        assert session.query(ConsoleVisit).count() == 2


def test_five_wrong_attempts_lock_and_time_opens_again(at: House) -> None:
    who = browser(at, None)
    for _ in range(5):
        assert who.sign_in(password="chigau-mono").status_code == 422
    locked = who.sign_in()
    assert locked.status_code == 422
    assert "管理者に解除を頼んでください" in locked.get_data(as_text=True)
    at.clock.move(minutes=15)
    assert who.sign_in().status_code == 303


def test_six_wrong_attempts_tell_nobody_whether_the_number_is_somebodys(at: House) -> None:
    tried: list[list[str]] = []
    for number in (SUPERVISOR, CLERK, "7777"):
        who = browser(at, None)
        answers = [who.sign_in(number, "chigau-mono") for _ in range(6)]
        assert {answer.status_code for answer in answers} == {422}
        pages = [answer.get_data(as_text=True).replace(number, "") for answer in answers]
        tried.append([re.sub(r'name="csrf_token" value="[^"]+"', "", page) for page in pages])
    assert tried[0] == tried[1] == tried[2]
    assert len({*tried[0]}) == 1
    assert "続けて5回確かめられなかった番号では、正しく入力しても15分間" in tried[0][5]


def test_an_administrator_opens_a_lock_before_its_time(at: House) -> None:
    who, administrator = browser(at, None), browser(at, ADMINISTRATOR)
    for _ in range(5):
        who.sign_in(password="chigau-mono")
    path = f"/console/staff/{SUPERVISOR}"
    assert "サインインの停止を解除する" in administrator.page(path)
    assert administrator.post(f"{path}/unlock", form_on=path).status_code == 303
    assert who.sign_in().status_code == 303


def test_a_second_factor_is_asked_for_and_no_code_counts_twice(at: House) -> None:
    who = browser(at)
    totp, _recovery = with_factor(at, who)
    who.post("/console/sign-out", form_on="/console/")
    assert who.sign_in().status_code == 422
    assert who.sign_in(code="000000").status_code == 422
    assert who.sign_in(code=totp.at(at.clock.now)).status_code == 422, "used when it was set up"
    at.clock.move(seconds=30)
    code = totp.at(at.clock.now)
    assert who.sign_in(code=code).status_code == 303
    assert browser(at, None).sign_in(code=code).status_code == 422


@pytest.mark.parametrize(("off", "status"), [(-30, 303), (30, 303), (-90, 422), (90, 422)])
def test_a_telephone_whose_clock_is_a_little_off_still_gets_in(
    at: House, off: int, status: int
) -> None:
    totp, _recovery = with_factor(at, browser(at))
    at.clock.move(minutes=5)
    code = totp.at(at.clock.now + timedelta(seconds=off))
    assert browser(at, None).sign_in(code=code).status_code == status


def test_a_recovery_code_counts_once_however_it_is_typed(at: House) -> None:
    who = browser(at)
    _totp, recovery = with_factor(at, who)
    assert len(set(recovery)) == 8
    typed = recovery[0].upper().replace("-", " ")
    assert browser(at, None).sign_in(code=typed).status_code == 303
    assert browser(at, None).sign_in(code=recovery[0]).status_code == 422
    assert "回復コードはあと7個" in who.page("/console/account")


def test_a_factor_is_not_taken_before_a_code_of_it_was_typed(at: House) -> None:
    who = browser(at)
    refused = who.post("/console/account/second-factor", {"code": "123"})
    assert refused.status_code == 422
    assert "確認コードが合いません" in refused.get_data(as_text=True)
    assert alone(at, SUPERVISOR).second_factor is None
    forged = who.post("/console/account/second-factor", {"code": "123", "sealed": "x"})
    assert forged.location == "/console/account/second-factor"


def test_the_registry_holds_no_secret_of_a_factor_that_can_be_read(at: House) -> None:
    totp, recovery = with_factor(at, browser(at))
    stored = alone(at, SUPERVISOR).second_factor
    assert totp.secret not in stored
    written = " ".join(entry.body for entry in entries(at))
    assert not any(secret in written for secret in (totp.secret, *recovery))


def test_a_factor_goes_only_with_the_password_typed_again(at: House) -> None:
    who = browser(at)
    with_factor(at, who)
    at.clock.move(minutes=16)
    answer = who.post("/console/account/second-factor/drop", form_on="/console/account")
    assert answer.location.startswith("/console/prove")
    assert alone(at, SUPERVISOR).second_factor is not None


def test_an_office_may_require_a_second_factor_of_everybody(at: House) -> None:
    with at.sessions.begin() as session:
        session.add(
            Setting(
                key="second_factor_required",
                value="1",
                changed_by=ADMINISTRATOR,
                changed_at=at.clock.now,
            )
        )
    who = browser(at)
    assert who.client.get("/console/").location == "/console/account/second-factor"
    with_factor(at, who)
    assert who.client.get("/console/").status_code == 200


def test_a_temporary_password_is_changed_before_anything_else(at: House) -> None:
    changed(at, SUPERVISOR, password_is_temporary=True)
    who, other = browser(at), browser(at)
    assert who.client.get("/console/").location == "/console/account"
    fields = {"present": CONSOLE_PASSWORD, "password": NEW_PASSWORD, "again": NEW_PASSWORD}
    answer = who.post("/console/account/password", fields, form_on="/console/account")
    assert answer.status_code == 303
    assert who.client.get("/console/").status_code == 200
    assert other.client.get("/console/").location == "/console/sign-in", "other visits end"
    assert browser(at, None).sign_in().status_code == 422
    assert browser(at, None).sign_in(password=NEW_PASSWORD).status_code == 303


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"present": "chigau-mono"}, "今のパスワードが違います"),
        ({"password": "mijikai", "again": "mijikai"}, "8文字以上"),
        ({"password": "password1", "again": "password1"}, "よく使われるパスワード"),
        ({"again": "betsu-no-mono"}, "確認用のパスワードが一致しません"),
        ({"password": CONSOLE_PASSWORD, "again": CONSOLE_PASSWORD}, "今と違うパスワード"),
    ],
)
def test_a_password_that_cannot_be_taken_is_told_why(
    at: House, fields: dict[str, str], said: str
) -> None:
    who = browser(at)
    good = {"present": CONSOLE_PASSWORD, "password": NEW_PASSWORD, "again": NEW_PASSWORD}
    answer = who.post("/console/account/password", good | fields, form_on="/console/account")
    page = answer.get_data(as_text=True)
    assert (answer.status_code, said in page) == (422, True)
    assert NEW_PASSWORD not in page


def test_far_reaching_acts_ask_for_the_password_again_and_go_on(at: House) -> None:
    who = browser(at, ADMINISTRATOR)
    at.clock.move(minutes=6)
    asked = who.client.get("/console/staff/new")
    assert asked.location == "/console/prove?then=/console/staff/new?"
    wrong = who.post("/console/prove", {"password": "chigau-mono"}, form_on=asked.location)
    assert wrong.status_code == 422
    right = {"password": CONSOLE_PASSWORD, "then": "/console/staff/new"}
    answer = who.post("/console/prove", right, form_on=asked.location)
    assert answer.location == "/console/staff/new"
    assert who.client.get("/console/staff/new").status_code == 200


@pytest.mark.parametrize("then", ["https://example.com/", "//example.com", "/console\\evil", ""])
def test_nobody_is_sent_elsewhere_after_the_password(at: House, then: str) -> None:
    who = browser(at, ADMINISTRATOR)
    fields = {"password": CONSOLE_PASSWORD, "then": then}
    assert who.post("/console/prove", fields, form_on="/console/prove").location == "/console/"


def test_whoever_loses_the_role_or_the_job_is_out_at_once(at: House) -> None:
    who = browser(at)
    changed(at, SUPERVISOR, disabled_at=at.clock.now)
    assert who.client.get("/console/").location == "/console/sign-in"
    assert who.sign_in().status_code == 422


def test_a_clerk_with_a_password_still_has_no_console(at: House) -> None:
    changed(at, CLERK, password_hash=hash_secret(CONSOLE_PASSWORD, 4))
    assert browser(at, None).sign_in(CLERK).status_code == 422


@pytest.mark.parametrize("number", ["", "0" * 400, "a\0b", "見本"])
def test_a_number_that_is_none_is_refused_like_any_other(at: House, number: str) -> None:
    assert browser(at, None).sign_in(number).status_code == 422


def test_sign_ins_are_journalled_with_how_they_were_proved(at: House) -> None:
    browser(at)
    last = entries(at)[-1]
    assert (last.act, last.staff_number) == ("signed_in", SUPERVISOR)
    assert last.body == '{"console":true,"role":"supervisor","second_factor":"none"}'


def test_the_cookie_is_out_of_reach_of_scripts(at: House) -> None:
    client = console_app(at).test_client()
    client.get("/console/sign-in")
    cookie = client.get_cookie("session")
    assert cookie.http_only
