"""What the demo prints when it is ready."""

import unicodedata
from dataclasses import dataclass
from pathlib import Path

from config.demo.people import CLERK, STAFF, SUPERVISOR, TARO
from config.demo.settings import HOST
from config.demo.sign_ins import SignIns


@dataclass(frozen=True, slots=True)
class Ready:
    """Everything that a person needs to begin."""

    known: SignIns
    var: Path
    issuer_port: int
    kiosk_port: int
    plays_clip: bool


def ready(facts: Ready) -> str:
    """Where to go, the sign-ins, and what to do first."""
    portal, counter = f"http://{HOST}:{facts.issuer_port}", f"http://{HOST}:{facts.kiosk_port}"
    known = facts.known
    return f"""
Uketori is ready. Ctrl-C ends it.

  Portal    {portal}
  Counter   {counter}
  Console   {counter}/console

Staff (number and PIN at the counter; clerks have no console)
{_staff(known)}
  Password of the console   {known.console_password}

Receivers, such as {TARO}
  受取者用パスワード   {known.receiver_password}
Filings, such as 9900 0000 0000 0100
  申請用パスワード     {known.inquiry_password}

First steps
  1. Open the counter, sign in as {CLERK}. {_before_the_camera(facts.plays_clip)}
  2. At the portal, issue an authentication sheet (認証用) for the receiver above, save the PDF,
     and copy it into {facts.var / "inbox"}: the counter judges it.
  3. Open the console, sign in as {SUPERVISOR} with the password above, and find both in the
     journal.

(These sign-ins are also in {facts.var / "demo-sign-ins.txt"}. Nobody here exists.)
"""


def _staff(known: SignIns) -> str:
    return "\n".join(
        f"  {number}   PIN {known.pins[number]}   {_padded(name, 12)}  {role}"
        for number, (name, role) in STAFF.items()
    )


def _padded(text: str, columns: int) -> str:
    """Filled with blanks as a terminal shows it: wide characters take two columns."""
    taken = sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)
    return text + " " * (columns - taken)


def _before_the_camera(plays_clip: bool) -> str:  # noqa: FBT001
    if plays_clip:
        return "Its camera is a film: one sheet after\n     another. Tick the papers, confirm."
    return "Hold a printed sheet under the camera."
