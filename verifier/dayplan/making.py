"""計画の作成: one window's plan, as the administrator allowed it for its office."""

import base64
import secrets
import uuid
from dataclasses import replace
from datetime import timedelta

from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from sqlalchemy import delete
from sqlalchemy.orm import Session

from shared.db.tables import DayPlan, PlanRule
from verifier.acts import NotPermitted
from verifier.administration.windows import device_digest
from verifier.dayplan.dealing import deal, forget
from verifier.dayplan.envelope import Content, Head, SealedPlan, Stamp, seal_plan, sign_stamp
from verifier.dayplan.extracting import extract
from verifier.dayplan.restored import deals_nothing_before, next_number
from verifier.installation import Installation
from verifier.registry import journal, staff
from verifier.registry.journal import Act, Author, Json

UNUSED_FOR = timedelta(days=14)
"""Plans that nobody came back with are forgotten so long after they were over."""


def make(house: Installation, kiosk_code: str, credential: str) -> SealedPlan | None:
    """A new plan for a window; None where no administrator switched plans on, or after a restore.

    Each is the window's next number. Raises NotPermitted for an unknown or revoked window, and for
    a device that is not this window any more.
    """
    with house.sessions.begin() as session:
        kiosk = staff.require_kiosk(session, kiosk_code)
        if kiosk.credential_digest != device_digest(credential):
            raise NotPermitted  # enrolled anew since the request was let in
        now = house.clock()
        rule = session.get(PlanRule, kiosk.office_code)
        waits = deals_nothing_before(session)
        if rule is None or (waits is not None and now < waits):
            forget(session, kiosk, now)
            return None
        until = now + timedelta(hours=rule.hours)
        filings = deal(session, kiosk, until, now)
        plan = DayPlan(
            id=str(uuid.uuid4()),
            kiosk_code=kiosk.code,
            number=next_number(session, kiosk),
            office_code=kiosk.office_code,
            made_at=now,
            expires_at=until,
            most=rule.most,
            is_drill=rule.is_drill,
            filings=len(filings),
            reconciled=0,
            released=0,
            device=kiosk.credential_digest,
        )
        _forget_unused(session, plan)
        session.add(plan)
        session.flush()
        lookup_key = secrets.token_bytes(32)
        image = extract(session, house, plan, filings, lookup_key)
        stamp = _stamp(house, plan)
        _note(session, plan)
    content = _content(house, lookup_key, image)
    sealed = seal_plan(head_of(plan), content, credential, house.keys.checkpoint)
    return replace(sealed, stamp=stamp)


def head_of(plan: DayPlan) -> Head:
    """What stands on a plan."""
    return Head(
        plan.id,
        plan.kiosk_code,
        plan.number,
        plan.made_at,
        plan.expires_at,
        plan.most,
        plan.is_drill,
    )


def _stamp(house: Installation, plan: DayPlan) -> Stamp:
    key = house.keys.checkpoint
    blank = Stamp(
        head_of(plan), plan.office_code, plan.device or "", plan.filings, key.key_id, signature=""
    )
    return sign_stamp(blank, key)


def _content(house: Installation, lookup_key: bytes, image: bytes) -> Content:
    opener = house.opener
    published = opener.key_set.sealing
    return Content(
        system_id=opener.system_id,
        test_keys=opener.test_keys,
        sealing={
            key.key_id: base64.b64encode(
                key.private.private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption())
            ).decode()
            for key in opener.sealing_keys
            if key.key_id in published
        },
        lookup=lookup_key.hex(),
        bcrypt_cost=house.policy.bcrypt_cost,
        single_use=house.policy.single_use_authentication,
        image=base64.b64encode(image).decode(),
    )


def _forget_unused(session: Session, plan: DayPlan) -> None:
    """A plan a quarter of an hour and window would fill the table with nothing."""
    session.execute(
        delete(DayPlan).where(
            DayPlan.kiosk_code == plan.kiosk_code,
            DayPlan.expires_at < plan.made_at - UNUSED_FOR,
            DayPlan.returned_at.is_(None),
            DayPlan.reconciled == 0,
        )
    )


def _note(session: Session, plan: DayPlan) -> None:
    body: dict[str, Json] = {
        "plan": plan.id,
        "number": plan.number,
        "filings": plan.filings,
        "most": plan.most,
        "drill": plan.is_drill,
        "until": plan.expires_at.isoformat(),
    }
    journal.append(session, Act.PLAN_MADE, Author(plan.kiosk_code), body, plan.made_at)
