"""受取者: searched by name, with what happened to each; suspended and resumed by two people."""

from dataclasses import dataclass
from datetime import datetime

from flask import abort, render_template, request, url_for
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from shared.db.session import reading
from shared.db.tables import (
    Decision,
    FormerPassword,
    Presentation,
    Receiver,
    ReceiverChange,
    ReceiverChangeKind,
    Staff,
)
from shared.names import compare_key
from verifier.administration.receivers import Decide, Propose, RefuseOlderSheets, open_change
from verifier.console import words
from verifier.console.access import only, visit
from verifier.console.house import installation
from verifier.console.ordering import Form, answer, give, typed
from verifier.registry.staff import SUPERVISING_ROLES

PAGE = 50
_RECENT = 20


@dataclass(frozen=True, slots=True)
class Happening:
    """One line of a receiver's history."""

    at: datetime
    what: str
    who: str = ""
    reason: str = ""


def receivers() -> str:
    """Receivers by name; those that wait for a second person come first, on their own."""
    name, after = request.args.get("name", "").strip()[:60], request.args.get("after", "")[:240]
    wanted = select(Receiver).order_by(Receiver.compare_key)
    if name:
        wanted = wanted.where(Receiver.compare_key.contains(compare_key(name), autoescape=True))
    if request.args.get("suspended"):
        wanted = wanted.where(Receiver.suspended_at.is_not(None))
    with reading(installation().sessions) as session:
        found = session.scalars(wanted.where(Receiver.compare_key > after).limit(PAGE + 1)).all()
        waiting = select(ReceiverChange).where(ReceiverChange.decision.is_(None))
        return render_template(
            "console/receivers.html",
            found=found[:PAGE],
            after=found[PAGE - 1].compare_key if len(found) > PAGE else None,
            name=name,
            suspended=request.args.get("suspended", ""),
            waiting=session.scalars(waiting.order_by(ReceiverChange.id)).all(),
            kinds=words.RECEIVER_CHANGES,
        )


def receiver(receiver_id: int) -> str:
    """One receiver, its history and what may be done about it."""
    return _page(receiver_id, Form())


@only(SUPERVISING_ROLES)
def propose(receiver_id: int) -> Response | tuple[str, int]:
    """Ask for a suspension or its end."""
    kind = typed("kind")
    if kind not in (ReceiverChangeKind.SUSPEND, ReceiverChangeKind.RESUME):
        abort(400)
    order = Propose(receiver_id, ReceiverChangeKind(kind), typed("reason"))
    said = "申し出ました。ほかの責任者または管理者が承認すると、変わります。"
    return _done(receiver_id, give("propose", lambda: order), said)


@only(SUPERVISING_ROLES)
def decide(receiver_id: int, change_id: int) -> Response | tuple[str, int]:
    """Agree, reject, or withdraw one's own."""
    decision = typed("decision")
    if decision not in set(Decision):
        abort(400)
    order = Decide(change_id, Decision(decision))
    said = {
        Decision.DONE: "承認しました。",
        Decision.REJECTED: "承認しませんでした。",
        Decision.WITHDRAWN: "申し出を取り下げました。",
    }
    return _done(receiver_id, give("decide", lambda: order), said[order.decision])


@only(SUPERVISING_ROLES)
def refuse_older(receiver_id: int) -> Response | tuple[str, int]:
    """Let no sheet count that was issued before now."""
    order = RefuseOlderSheets(receiver_id, typed("reason"))
    said = "今より前に発行された用紙は、これから使えません。"
    return _done(receiver_id, give("not_before", lambda: order), said)


def _done(receiver_id: int, form: Form | None, said: str) -> Response | tuple[str, int]:
    onward = url_for("console.receiver", receiver_id=receiver_id)
    return answer(form, lambda again: _page(receiver_id, again), said, onward)


def _page(receiver_id: int, form: Form) -> str:
    with reading(installation().sessions) as session:
        found = session.get(Receiver, receiver_id)
        if found is None:
            abort(404)
        waiting = open_change(session, receiver_id)
        return render_template(
            "console/receiver.html",
            found=found,
            form=form,
            waiting=waiting,
            own=waiting is not None and waiting.proposed_by == visit().person.number,
            kinds=words.RECEIVER_CHANGES,
            papers=words.IDENTITY_PAPERS,
            history=_history(session, found),
            presentations=_presentations(session, receiver_id),
            names=_names(session),
            purposes=words.PURPOSES,
        )


def _history(session: Session, found: Receiver) -> list[Happening]:
    """Newest first: registered, passwords replaced, and what was decided about the receiver."""
    names = _names(session)
    happenings = [Happening(found.registered_at, "登録")]
    replaced = select(FormerPassword.replaced_at).where(FormerPassword.receiver_id == found.id)
    happenings += [Happening(at, "パスワード変更") for at in session.scalars(replaced)]
    changes = select(ReceiverChange).where(ReceiverChange.receiver_id == found.id)
    for change in session.scalars(changes.order_by(ReceiverChange.id.desc()).limit(PAGE)):
        what = words.RECEIVER_CHANGES[change.kind]
        who = names.get(change.proposed_by, change.proposed_by)
        happenings.append(Happening(change.proposed_at, f"{what}（申し出）", who, change.reason))
        if change.decision and change.decided_at:
            word = words.DECISIONS[change.decision]
            who = names.get(change.decided_by or "", change.decided_by or "")
            happenings.append(Happening(change.decided_at, f"{what}（{word}）", who))
    return sorted(happenings, key=lambda one: one.at, reverse=True)


def _presentations(session: Session, receiver_id: int) -> list[Presentation]:
    newest = select(Presentation).where(Presentation.receiver_id == receiver_id)
    return list(session.scalars(newest.order_by(Presentation.at.desc()).limit(_RECENT)))


def _names(session: Session) -> dict[str, str]:
    return {number: name for number, name in session.execute(select(Staff.number, Staff.name))}
