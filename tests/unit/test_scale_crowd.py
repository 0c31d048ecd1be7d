"""The kiosks of the benchmark of a country are as patient as kiosks are."""

import pytest

from tests.bench.crowd import Plan, patience_of
from verifier.client import Patience


@pytest.mark.parametrize("act", [1.0, Patience().act, 60.0])
def test_a_crowd_waits_for_a_look_no_longer_than_a_kiosk(act: float) -> None:
    patience = patience_of(Plan("http://127.0.0.1:1", [], [], think=0, patience=act))
    assert patience.act == act
    assert patience.look == min(act, Patience().look)


def test_a_crowd_is_as_patient_as_kiosks_unless_told_otherwise() -> None:
    assert patience_of(Plan("http://127.0.0.1:1", [], [], think=0)) == Patience()
