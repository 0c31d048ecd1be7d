"""練習: rehearsal and real counter share neither keys nor registry; looked at at every start."""

import json
from collections.abc import Iterable

from sqlalchemy import select

from shared.db.session import Sessions, reading
from shared.db.tables import JournalEntry
from shared.keys import TestKeys
from shared.settings import InvalidSettings

MARK = "rehearsal"
"""Stands in the first entry of a rehearsal's journal, where nobody can add or remove it."""


def require_own_kind(test_keys: TestKeys, key_ids: Iterable[int]) -> None:
    """Raise InvalidSettings when these keys sign what this counter would refuse."""
    if any(test_keys.refuses(key_id) for key_id in key_ids):
        practised = test_keys is TestKeys.REFUSED
        kind = "practice keys" if practised else "the keys of a real counter"
        raise InvalidSettings(f"test_keys = {test_keys.value}, but these are {kind}")


def require_own_registry(sessions: Sessions, test_keys: TestKeys) -> None:
    """Raise InvalidSettings for a rehearsal on a real registry, or the other way round."""
    with reading(sessions) as session:
        first = session.scalar(select(JournalEntry.body).order_by(JournalEntry.seq).limit(1))
    practises = bool(first is not None and json.loads(first).get(MARK))
    if practises is not (test_keys is TestKeys.ONLY):
        kind = "a rehearsal's" if practises else "a real counter's"
        raise InvalidSettings(f"This registry is {kind}: see test_keys in the verifier's settings")
