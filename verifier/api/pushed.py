"""`POST /filings`: the application system's own way in, with a credential of its own."""

import hmac
from typing import Annotated

from flask import request
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import Unauthorized

from shared.web.problems import FieldProblem, InvalidFields
from verifier.filings.pushing import MOST, MOST_PASSWORDS, Pushed, TooManyPasswords, push
from verifier.installation import Installation

PUSHED: TypeAdapter[Pushed] = TypeAdapter(Pushed)


class FilingsPush(BaseModel):
    """Filings with the fields of a JSON Lines file."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)
    filings: Annotated[
        list[dict[str, str | int | bool | None]], Field(min_length=1, max_length=MOST, repr=False)
    ] = Field(
        description="number, procedure, office, status; and receiver_name, plate, chassis, "
        f"tax_confirmed, password (at most {MOST_PASSWORDS} of these). A filing is known by its "
        "number; what it does not name stays as it is."
    )


class UnknownSender(Unauthorized):
    """Nobody may push, or not with this credential."""

    problem = "sender-unknown"

    def __init__(self) -> None:
        super().__init__(www_authenticate=WWWAuthenticate("bearer"))


def require_sender(house: Installation) -> None:
    """Let only the application system in. Raises UnknownSender."""
    key, given = house.keys.push, request.authorization
    if key is None or given is None or given.type != "bearer" or not given.token:
        raise UnknownSender
    if not hmac.compare_digest(given.token.encode(), key):
        raise UnknownSender


def take(house: Installation, order: FilingsPush) -> Pushed:
    """Bring a push in. Raises InvalidFields."""
    try:
        return push(house, order.filings)
    except TooManyPasswords as error:
        text = f"at most {MOST_PASSWORDS} filings with a password"
        raise InvalidFields((FieldProblem("filings", text),)) from error
