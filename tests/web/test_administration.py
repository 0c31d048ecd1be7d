"""What supervisors and administrators change in the console, each act once and in the journal."""

import json
import re
import uuid

import pytest

from shared.db.session import Sessions
from shared.db.tables import Kiosk, Office, Procedure, Receiver, Staff
from shared.domain import Role
from tests.acting_world import Browser, browser, entries, hidden_in
from tests.builders import (
    ADMINISTRATOR,
    AUDITOR,
    CLERK,
    CONSOLE_PASSWORD,
    DESK,
    INSPECTION,
    OTHER_SUPERVISOR,
    PIN,
    SHINAGAWA,
    SUPERVISOR,
    WINDOW,
    House,
    house,
    receiver_sheet,
    showing,
    text_of,
)
from verifier.acts import NotPermitted, SignedIn, SignInRefused
from verifier.administration.windows import EnrolmentRefused, device_and_person, enrol_device
from verifier.decision.reasons import Reason
from verifier.journal_check import check_registry

WHY = "廃業の届出があったため"


@pytest.fixture
def at(registry: Sessions) -> House:
    return house(registry)


@pytest.fixture
def administrator(at: House) -> Browser:
    return browser(at, ADMINISTRATOR)


def sign_in_at_window(at: House, number: str, pin: str) -> SignedIn | SignInRefused:
    return at.counter.sign_in(WINDOW, number, pin, str(uuid.uuid4()))


def last(at: House) -> tuple[str, str | None, dict[str, object]]:
    """Act, person and body of the newest entry."""
    entry = entries(at)[-1]
    return entry.act, entry.staff_number, json.loads(entry.body)


def stored(at: House, kind, key):
    with at.sessions() as session:
        return session.get_one(kind, key)


def told(answer) -> str:
    assert answer.status_code == 422
    return answer.get_data(as_text=True)


def verdict_of_a_sheet(at: House) -> object:
    shown = at.counter.present(DESK, showing(text_of(receiver_sheet(issued_at=at.clock.now))))
    return getattr(shown.verdict, "reason", "accepted")


# --- receivers -----------------------------------------------------------------------------------


def propose(who: Browser, receiver: int, kind: str = "suspend", reason: str = WHY):
    path = f"/console/receivers/{receiver}"
    return who.post(f"{path}/changes", {"kind": kind, "reason": reason}, form_on=path)


def decide(who: Browser, receiver: int, decision: str, change: int = 1):
    path = f"/console/receivers/{receiver}"
    return who.post(f"{path}/changes/{change}", {"decision": decision}, form_on=path)


def test_a_receiver_is_suspended_by_two_people_and_resumed_by_two(at: House) -> None:
    receiver = at.receiver()
    at.filing()
    first, second = browser(at, SUPERVISOR), browser(at, OTHER_SUPERVISOR)
    assert propose(first, receiver).status_code == 303
    assert stored(at, Receiver, receiver).suspended_at is None, "one person alone changes nothing"
    assert decide(second, receiver, "done").status_code == 303
    assert verdict_of_a_sheet(at) is Reason.SUSPENDED
    body = {"change": "suspend", "receiver": receiver, "step": "done"}
    acts = [e for e in entries(at) if e.act == "receiver_changed"]
    assert json.loads(acts[-1].body) == body
    assert json.loads(acts[0].body) == {**body, "step": "proposed", "reason": WHY}
    propose(second, receiver, "resume")
    decide(first, receiver, "done", change=2)
    assert verdict_of_a_sheet(at) == "accepted"
    page = first.page(f"/console/receivers/{receiver}")
    for said in ("停止（申し出）", "停止（承認）", "再開（承認）", WHY, "見本　三太"):
        assert said in page


def test_nobody_confirms_what_they_proposed(at: House) -> None:
    receiver, who = at.receiver(), browser(at, SUPERVISOR)
    propose(who, receiver)
    assert "ADM-SECOND" in told(decide(who, receiver, "done"))
    assert stored(at, Receiver, receiver).suspended_at is None
    assert decide(who, receiver, "withdrawn").status_code == 303
    assert propose(who, receiver).status_code == 303, "and may propose again"


def test_only_who_proposed_withdraws_and_who_did_not_may_reject(at: House) -> None:
    receiver = at.receiver()
    propose(browser(at, SUPERVISOR), receiver)
    other = browser(at, ADMINISTRATOR)
    assert "ADM-SECOND" in told(decide(other, receiver, "withdrawn"))
    assert decide(other, receiver, "rejected").status_code == 303
    assert "ADM-STALE" in told(decide(other, receiver, "done"))
    assert stored(at, Receiver, receiver).suspended_at is None


@pytest.mark.parametrize(
    ("kind", "reason", "said"),
    [
        ("suspend", "", "ADM-REASON"),
        ("suspend", "あ" * 201, "200文字"),
        ("resume", WHY, "ADM-NOTHING"),
    ],
)
def test_a_change_that_cannot_be_proposed_is_told_why(
    at: House, kind: str, reason: str, said: str
) -> None:
    receiver, who = at.receiver(), browser(at)
    assert said in told(propose(who, receiver, kind, reason))


def test_one_change_of_a_receiver_waits_at_a_time(at: House) -> None:
    receiver, who = at.receiver(), browser(at)
    path = f"/console/receivers/{receiver}"
    form = hidden_in(who.page(path)) | {"kind": "suspend", "reason": WHY}
    assert who.client.post(f"{path}/changes", data=form).status_code == 303
    assert who.client.post(f"{path}/changes", data=form).status_code == 303, "a double click"
    again = form | {"key": str(uuid.uuid4())}
    assert "ADM-OPEN" in told(who.client.post(f"{path}/changes", data=again))
    assert [e.act for e in entries(at)].count("receiver_changed") == 1


def test_sheets_issued_before_a_loss_are_refused_from_now_on(at: House) -> None:
    receiver = at.receiver()
    at.filing()
    lost = text_of(receiver_sheet(issued_at=at.clock.now))
    at.clock.move(minutes=5)
    who, path = browser(at), f"/console/receivers/{receiver}"
    assert "ADM-REASON" in told(who.post(f"{path}/not-before", {"reason": " "}, form_on=path))
    assert who.post(f"{path}/not-before", {"reason": "紛失"}, form_on=path).status_code == 303
    assert at.counter.present(DESK, showing(lost)).verdict.reason is Reason.NOT_BEFORE
    at.clock.move(minutes=1)
    assert verdict_of_a_sheet(at) == "accepted"


@pytest.mark.parametrize(
    ("query", "found"),
    [("太郎", 1), ("（００００００１１）", 1), ("(00000011)", 1), ("%", 0), ("_", 0), ("", 2)],
)
def test_receivers_are_found_by_a_part_of_the_name_in_any_width(
    at: House, query: str, found: int
) -> None:
    at.receiver()
    at.receiver("見本自動車団体　次郎")
    page = browser(at).client.get("/console/receivers", query_string={"name": query})
    assert len(re.findall(r'href="/console/receivers/\d+"', page.get_data(as_text=True))) == found


def test_many_receivers_are_turned_page_by_page(at: House) -> None:
    for number in range(51):
        at.receiver(f"見本団体　{number:03d}")
    who = browser(at)
    page = who.page("/console/receivers")
    assert len(re.findall(r'href="/console/receivers/\d+"', page)) == 50
    following = re.search(r'href="(/console/receivers\?[^"]+)">次の50件', page)[1]
    page = who.page(following.replace("&amp;", "&"))
    assert re.findall(r">(見本団体　\d+)</a>", page) == ["見本団体　０５０"]


# --- staff -----------------------------------------------------------------------------------


def change(who: Browser, number: str, act: str, **fields: str):
    path = f"/console/staff/{number}"
    return who.post(f"{path}/{act}", fields, form_on=path)


def test_a_person_is_added_and_signs_in_at_the_counter(at: House, administrator: Browser) -> None:
    fields = {"number": "1009", "name": "見本　新人", "role": "clerk", "pin": PIN, "pin_again": PIN}
    path = "/console/staff/new"
    form = hidden_in(administrator.page(path)) | fields
    assert administrator.client.post(path, data=form).location == "/console/staff/1009"
    assert administrator.client.post(path, data=form).status_code == 303, "a double click"
    assert isinstance(sign_in_at_window(at, "1009", PIN), SignedIn)
    added = [e for e in entries(at) if e.act == "staff_changed"]
    assert [json.loads(e.body) for e in added] == [
        {"person": "1009", "change": "added", "role": "clerk"}
    ]


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"number": CLERK}, "ADM-EXISTS"),
        ({"number": "見本"}, "ADM-CODE"),
        ({"name": ""}, "ADM-NAME"),
        ({"name": "見本\u202e"}, "ADM-UNSEEN"),
        ({"pin": "123", "pin_again": "123"}, "ADM-PIN）"),
        ({"pin": "1234", "pin_again": "1234"}, "ADM-PIN-EASY"),
        ({"pin_again": "9999"}, "ADM-PIN-TWICE"),
    ],
)
def test_a_person_who_cannot_be_added_is_told_why_and_nothing_typed_is_lost(
    at: House, administrator: Browser, fields: dict[str, str], said: str
) -> None:
    good = {"number": "1009", "name": "見本　新人", "role": "clerk", "pin": PIN, "pin_again": PIN}
    page = told(administrator.post("/console/staff/new", good | fields))
    assert said in page
    assert f'value="{(good | fields)["number"]}"' in page
    assert f'value="{PIN}"' not in page


def test_a_disabled_person_is_out_and_comes_back_when_enabled(
    at: House, administrator: Browser
) -> None:
    assert "ADM-REASON" in told(change(administrator, CLERK, "disable"))
    assert change(administrator, CLERK, "disable", reason="退職").status_code == 303
    assert not isinstance(sign_in_at_window(at, CLERK, PIN), SignedIn)
    assert "ADM-NOTHING" in told(change(administrator, CLERK, "disable", reason="退職"))
    assert change(administrator, CLERK, "enable", reason="復職").status_code == 303
    assert isinstance(sign_in_at_window(at, CLERK, PIN), SignedIn)


def test_nobody_changes_their_own_role_or_disables_themselves(
    at: House, administrator: Browser
) -> None:
    for act, fields in (
        ("role", {"role": "auditor", "reason": WHY}),
        ("disable", {"reason": WHY}),
        ("password", {"password": "atarashii-mihon", "again": "atarashii-mihon"}),
    ):
        page = f"/console/staff/{CLERK}"
        answer = administrator.post(f"/console/staff/{ADMINISTRATOR}/{act}", fields, form_on=page)
        assert "ADM-ONESELF" in told(answer)
    assert stored(at, Staff, ADMINISTRATOR).role is Role.ADMINISTRATOR


def test_the_last_administrator_is_kept(at: House, administrator: Browser) -> None:
    """Two administrators demote each other at the same moment: one of them stays."""
    change(administrator, SUPERVISOR, "role", role="administrator", reason=WHY)
    other = browser(at, SUPERVISOR)
    form = hidden_in(other.page(f"/console/staff/{ADMINISTRATOR}"))
    change(administrator, SUPERVISOR, "role", role="supervisor", reason=WHY)
    fields = form | {"role": "auditor", "reason": WHY}
    answer = other.client.post(f"/console/staff/{ADMINISTRATOR}/role", data=fields)
    assert answer.status_code == 303
    assert answer.location == "/console/sign-in", "the visit ended with the role"
    assert stored(at, Staff, ADMINISTRATOR).role is Role.ADMINISTRATOR


def test_a_new_role_ends_the_visit_and_opens_other_doors(at: House, administrator: Browser) -> None:
    auditor = browser(at, AUDITOR)
    assert change(administrator, AUDITOR, "role", role="supervisor", reason=WHY).status_code == 303
    assert auditor.client.get("/console/").location == "/console/sign-in"
    assert last(at)[2] == {
        "person": AUDITOR,
        "change": "role",
        "role": "supervisor",
        "role_before": "auditor",
        "reason": WHY,
    }
    receiver = at.receiver()
    assert propose(browser(at, AUDITOR), receiver).status_code == 303


def test_a_pin_is_reset_and_ends_the_lock(at: House, administrator: Browser) -> None:
    for _ in range(5):
        sign_in_at_window(at, CLERK, "0000")
    assert not isinstance(sign_in_at_window(at, CLERK, PIN), SignedIn)
    assert change(administrator, CLERK, "pin", pin="8264", pin_again="8264").status_code == 303
    assert isinstance(sign_in_at_window(at, CLERK, "8264"), SignedIn)
    assert not isinstance(sign_in_at_window(at, CLERK, PIN), SignedIn)


def test_a_given_password_must_be_changed_by_its_owner(at: House, administrator: Browser) -> None:
    given = "kari-no-mihon"
    answer = change(administrator, SUPERVISOR, "password", password=given, again=given)
    assert answer.status_code == 303
    assert browser(at, None).sign_in().status_code == 422
    who = browser(at, None)
    assert who.sign_in(password=given).status_code == 303
    assert who.client.get("/console/receivers").location == "/console/account"


@pytest.mark.parametrize(
    ("password", "again", "said"),
    [("mijikai", "mijikai", "8文字以上"), ("kari-no-mihon", "betsu-no-mono", "ADM-PASSWORD-TWICE")],
)
def test_a_given_password_keeps_the_rules(
    at: House, administrator: Browser, password: str, again: str, said: str
) -> None:
    answer = change(administrator, SUPERVISOR, "password", password=password, again=again)
    assert said in told(answer)


def test_no_secret_reaches_the_journal_or_a_stored_request(
    at: House, administrator: Browser
) -> None:
    change(administrator, CLERK, "pin", pin="8264", pin_again="8264")
    change(administrator, SUPERVISOR, "password", password="kari-no-mihon", again="kari-no-mihon")
    assert not any(secret in e.body for e in entries(at) for secret in ("8264", "kari-no", "$2b$"))


# --- windows and offices ---------------------------------------------------------------------


def issue_code(who: Browser, form: dict[str, object] | None = None) -> str:
    path = f"/console/windows/{WINDOW}"
    data = form or hidden_in(who.page(path))
    assert who.client.post(f"{path}/enrolment-code", data=data).status_code == 303
    return re.search(r"oss-letters[^>]*>([a-z2-9-]{14})<", who.page(path))[1]


def enrol(at: House, letters: str) -> tuple[str, str]:
    with at.sessions.begin() as session:
        return enrol_device(session, letters, at.clock.now)


def test_a_device_becomes_a_window_with_a_code_that_counts_once(
    at: House, administrator: Browser
) -> None:
    letters = issue_code(administrator)
    assert letters not in administrator.page(f"/console/windows/{WINDOW}"), "shown once"
    window, credential = enrol(at, letters.upper().replace("-", " "))
    assert window == WINDOW
    with at.sessions() as session:
        assert device_and_person(session, credential, "") == (WINDOW, "")
        assert device_and_person(session, "something else", "") is None
    with pytest.raises(EnrolmentRefused):
        enrol(at, letters)
    assert last(at) == ("kiosk_changed", ADMINISTRATOR, {"window": WINDOW, "change": "enrolled"})


def test_a_double_click_shows_one_code(at: House, administrator: Browser) -> None:
    form = hidden_in(administrator.page(f"/console/windows/{WINDOW}"))
    assert issue_code(administrator, form) == issue_code(administrator, form)


def test_a_code_ends_after_half_an_hour_or_with_the_next_one(
    at: House, administrator: Browser
) -> None:
    first = issue_code(administrator)
    second = issue_code(administrator)
    with pytest.raises(EnrolmentRefused):
        enrol(at, first)
    at.clock.move(minutes=30)
    with pytest.raises(EnrolmentRefused):
        enrol(at, second)


def test_a_revoked_window_is_believed_no_more(at: House, administrator: Browser) -> None:
    _window, credential = enrol(at, issue_code(administrator))
    unused = issue_code(administrator)
    path = f"/console/windows/{WINDOW}"
    assert "ADM-REASON" in told(administrator.post(f"{path}/revoke", {}, form_on=path))
    answer = administrator.post(f"{path}/revoke", {"reason": "盗難"}, form_on=path)
    assert answer.status_code == 303
    with at.sessions() as session:
        assert device_and_person(session, credential, "") is None
    with pytest.raises(EnrolmentRefused):
        enrol(at, unused)
    with pytest.raises(NotPermitted):
        at.counter.kiosk_facts(WINDOW)
    assert "廃止" in administrator.page(path)


def test_a_window_is_added_renamed_and_told_what_to_serve(
    at: House, administrator: Browser
) -> None:
    fields = {"code": "W7", "name": "窓口7", "office": SHINAGAWA, "serves-authentication": "yes"}
    answer = administrator.post("/console/windows/new", fields)
    assert answer.location == "/console/windows/W7"
    assert stored(at, Kiosk, "W7").purposes == "authentication"
    form = {"name": "受取専用", "serves-individual": "yes", "serves-authentication": "yes"}
    administrator.post("/console/windows/W7", form)
    kiosk = stored(at, Kiosk, "W7")
    assert (kiosk.name, kiosk.purposes) == ("受取専用", "authentication individual")
    assert "ADM-PURPOSE" in told(administrator.post("/console/windows/W7", {"name": "x"}))
    assert "ADM-EXISTS" in told(administrator.post("/console/windows/new", fields))
    nowhere = fields | {"code": "W8", "office": "X"}
    assert "ADM-OFFICE" in told(administrator.post("/console/windows/new", nowhere))


def test_offices_are_added_and_renamed(at: House, administrator: Browser) -> None:
    path = "/console/offices"
    assert administrator.post(path, {"code": "N1", "name": "見本第三"}).status_code == 303
    assert "ADM-EXISTS" in told(administrator.post(path, {"code": "N1", "name": "また"}))
    answer = administrator.post(f"{path}/N1", {"name": "見本第三事務所"}, form_on=path)
    assert answer.status_code == 303
    assert stored(at, Office, "N1").name == "見本第三事務所"
    assert "ADM-MISSING" in told(administrator.post(f"{path}/X", {"name": "x"}, form_on=path))


# --- procedures and settings -----------------------------------------------------------------


def test_a_procedure_is_closed_with_its_papers_written_anew(
    at: House, administrator: Browser
) -> None:
    at.receiver()
    at.filing()
    path = f"/console/procedures/{INSPECTION}"
    fields = {
        "name": "継続検査",
        "deliverable-0": "検査標章",
        "deliverable-3": "自動車検査証",
        "paper-1": "納税証明書",
        "rule-1": "tax_unconfirmed",
    }
    assert administrator.post(path, fields).status_code == 303
    with at.sessions() as session:
        row = session.get_one(Procedure, INSPECTION)
        assert [d.name for d in row.deliverables] == ["検査標章", "自動車検査証"]
        assert [(p.name, p.rule) for p in row.papers] == [("納税証明書", "tax_unconfirmed")]
    assert last(at)[2] == {"procedure": INSPECTION, "change": "closed"}
    assert verdict_of_a_sheet(at) is Reason.PROCEDURE_CLOSED
    administrator.post(path, fields | {"is_open": "yes"})
    assert last(at)[2] == {"procedure": INSPECTION, "change": "opened"}


def test_procedures_keep_their_own_names_and_codes(at: House, administrator: Browser) -> None:
    path = "/console/procedures/new"
    good = {"code": "7", "name": "名義変更", "is_open": "yes"}
    assert administrator.post(path, good).status_code == 303
    for fields, said in (
        ({}, "ADM-EXISTS"),
        ({"code": "8"}, "ADM-NAME-EXISTS"),
        ({"code": "256", "name": "x"}, "ADM-PROCEDURE-CODE"),
        ({"code": "", "name": "x"}, "ADM-SETTING"),
        ({"code": "8", "name": ""}, "ADM-NAME"),
    ):
        assert said in told(administrator.post(path, good | fields))


def test_a_setting_is_changed_with_who_and_when(at: House, administrator: Browser) -> None:
    path = "/console/settings"
    rule = f"{path}/clock_tolerance_seconds"
    assert administrator.post(rule, {"value": "30"}, form_on=path).status_code == 303
    page = administrator.page(path)
    assert "30 秒" in page
    assert "見本　四子" in page
    assert last(at)[2] == {"setting": "clock_tolerance_seconds", "value": 30, "before": 60}
    for value, said in (("30", "ADM-NOTHING"), ("1", "ADM-SETTING"), ("-5", "ADM-SETTING")):
        assert said in told(administrator.post(rule, {"value": value}, form_on=path))
    assert administrator.post(f"{path}/unheard_of", {"value": "1"}, form_on=path).status_code == 404


def test_the_journal_of_all_this_holds(at: House, administrator: Browser) -> None:
    receiver = at.receiver()
    propose(administrator, receiver)
    change(administrator, CLERK, "disable", reason=WHY)
    issue_code(administrator)
    assert check_registry(at.sessions).holds
    assert browser(at).sign_in(password=CONSOLE_PASSWORD).status_code == 303
    assert browser(at).client.get("/console/").status_code == 200, "the log can show every act"
