"""The clerk's acts on a registration or password change: compare the evidence, decide."""

from collections.abc import Mapping
from dataclasses import replace

from kiosk.handing import Overtaken
from kiosk.state import Done, Enrolling, Idle, Refused, Showing, under
from kiosk.station import Station
from kiosk.words import sentence_for
from shared.domain import IdentityPaper, Purpose
from shared.names import registration_number, says_scrivener
from shared.texts import Text
from verifier.acts import Claim, Conflict, DeclineReason, Desk, Enrolled
from verifier.acts import Enrolling as Wish

DECLINED = "受け付けない記録を残しました。登録の内容は変わっていません。"
_UNSEEN = {
    "same_name": "受取者名との一致を確認してください",
    "same_number": "登録番号との一致を確認してください",
}
_KEPT = ("paper", "same_name", "same_number")


def checks(claim: Claim) -> tuple[tuple[str, str], ...]:
    """(name, sentence) of what the clerk compares with the paper."""
    name = claim.receiver_name or ""
    asked = [("same_name", "書面の氏名・名称が上の受取者名と一致している")]
    number = registration_number(name)
    if number is not None:
        asked.append(
            ("same_number", Text("登録番号 %(number)s が書面と一致している", number=number))
        )
    elif says_scrivener(name):
        asked.append(
            ("same_number", "受取者名に登録番号（8けた）がないことを書面と照らして確かめた")
        )
    return tuple(asked)


def enrol(station: Station, presentation_id: str, form: Mapping[str, str]) -> None:
    """Register or replace the password once everything is ticked. Raises Overtaken."""
    with station.acting() as desk:
        state = _open(station, presentation_id)
        entered = {name: form[name] for name in _KEPT if name in form}
        if problems := _problems(state.claim, entered):
            station.scene.put(replace(state, entered=entered, problems=problems, notice=None))
            return
        _enrol(station, desk, state, IdentityPaper(entered["paper"]))


def decline(station: Station, presentation_id: str, reason: DeclineReason | None) -> None:
    """The evidence did not convince; a reason must be chosen. Raises Overtaken."""
    with station.acting() as desk:
        state = _open(station, presentation_id)
        if reason is None:
            problems = (("reason", "受け付けない理由を選んでください"),)
            station.scene.put(replace(state, problems=problems, notice=None))
            return
        try:
            station.counter.decline(desk, presentation_id, reason)
        except Conflict as conflict:
            station.scene.put(Idle(sentence_for(conflict)))
        else:
            station.scene.put(Idle(DECLINED))


def leave(
    station: Station, notice: str | None = "受付を中止しました。登録の内容は変わっていません。"
) -> None:
    """中止: nothing was decided, the sheet may be shown again."""
    with station.acting():
        if isinstance(under(station.scene.state), Enrolling):
            station.scene.put(Idle(notice))


def _enrol(station: Station, desk: Desk, state: Enrolling, paper: IdentityPaper) -> None:
    showing = state.showing
    wish = Wish(
        showing.answer.presentation_id, showing.text, showing.source, paper, state.idempotency_key
    )
    changing = state.claim.purpose is Purpose.PASSWORD_CHANGE
    act = station.counter.change_password if changing else station.counter.enrol
    try:
        answer = act(desk, wish)
    except Conflict as conflict:
        station.scene.put(Idle(sentence_for(conflict)))
        return
    if isinstance(answer, Enrolled):
        done = Done(answer.at, enrolled=answer, purpose=state.claim.purpose)
        station.scene.put(done, station.timings.done)
    else:
        refused = Showing(showing.text, showing.source, answer)
        station.scene.put(Refused(refused), station.timings.refused)


def _open(station: Station, presentation_id: str) -> Enrolling:
    state = station.scene.state
    if not isinstance(state, Enrolling):
        raise Overtaken
    if state.showing.answer.presentation_id != presentation_id:
        raise Overtaken
    return state


def _problems(claim: Claim, entered: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    missing = []
    if entered.get("paper") not in set(IdentityPaper):
        missing.append(("paper", "添付書面の種類を選んでください"))
    for name, _text in checks(claim):
        if name not in entered:
            missing.append((name, _UNSEEN[name]))
    return tuple(missing)
