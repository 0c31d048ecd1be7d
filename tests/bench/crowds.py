"""Sends crowds of kiosks to a registry that is served, and tells what happened to them."""

import hashlib
import json
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from pathlib import Path

from sqlalchemy import update

from shared.db.tables import Kiosk
from tests.bench.country_sheets import Errand
from tests.bench.crowd import Happened, Plan
from tests.registry_process import ROOT, Running
from verifier.acts import Desk
from verifier.api.passes import staff_pass


class Crowds:
    """Every crowd comes to the same registry."""

    def __init__(self, served: Running, folder: Path) -> None:
        self._served = served
        self._plan = folder / "plan.json"

    def go(self, errands: Mapping[str, list[Errand]], **how: float) -> Happened:
        """Let each window carry out its errands as the fields of `Plan` say, until all are done."""
        sheets = [[each.sheet(self._served.keys) for each in own] for own in errands.values()]
        plan = Plan(self._served.address, self._enrolled(errands), sheets, **how)
        self._plan.write_text(json.dumps(asdict(plan)))
        command = [sys.executable, "-m", "tests.bench.crowd", str(self._plan)]
        ran = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, check=True)
        return Happened(**json.loads(ran.stdout))

    def _enrolled(self, windows: Iterable[str]) -> list[dict[str, str]]:
        """Each window's device gets its credential, and its clerk the pass of a sign-in."""
        house, given = self._served.house, []
        with house.sessions.begin() as session:
            for code in windows:
                credential, clerk = f"credential of {code}", f"C{code[1:]}"
                digest = hashlib.sha256(credential.encode()).hexdigest()
                session.execute(
                    update(Kiosk).where(Kiosk.code == code).values(credential_digest=digest)
                )
                word = staff_pass(house.installation, Desk(code, clerk))
                own = {"code": code, "clerk": clerk, "credential": credential, "pass": word}
                given.append(own)
        return given
