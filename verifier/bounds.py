"""How long what travels to a registry may be: what its tables hold, and no more.

Types for the fields of requests. In one process nobody checks them; over HTTP the registry refuses
what does not fit before it looks anything up.
"""

from typing import Annotated

from pydantic import Field

Identifier = Annotated[str, Field(pattern=r"^[!-~]{1,36}$")]
"""A UUID drawn by the kiosk, or a short code."""
RowNumber = Annotated[int, Field(ge=1, le=2**63 - 1)]
Line = Annotated[str, Field(max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")]
"""One line that a person typed."""
PersonName = Annotated[str, Field(max_length=120, pattern=r"^[^\x00-\x1f\x7f]*$")]
SheetText = Annotated[str, Field(max_length=8000)]
"""What was read: no two-dimensional code holds more than 7 089 characters."""
FaultCode = Annotated[str, Field(pattern=r"^[A-Z0-9-]{1,23}$")]
EIGHT_FAULTS = Field(max_length=8)
SEVERAL = Field(max_length=2000)
"""Rows of one basket."""
