"""The nine ways in which a text can fail to be a sheet; nothing else comes out of the decoder."""

from typing import ClassVar

from shared.domain import Sheet


class PayloadError(Exception):
    """A text that is no usable sheet. `code` is stable; no message repeats the text."""

    code: ClassVar[str]


class NotOurs(PayloadError):
    """Another system's code: the bundle has QR codes of its own."""

    code = "NOT_OURS"


class Misread(PayloadError):
    """The check digits do not fit: read again."""

    code = "MISREAD"


class NewerVersion(PayloadError):
    """Issued in a wire format this installation does not know yet."""

    code = "NEWER_VERSION"


class UnknownKey(PayloadError):
    """No signing key with this id is in the key set, or it is a practice key where none may be, or
    a real one in a rehearsal: `practice` is None, True or False."""

    code = "UNKNOWN_KEY"

    def __init__(self, practice: bool | None = None) -> None:  # noqa: FBT001 - three cases
        super().__init__({None: "unknown key", True: "test key", False: "real key"}[practice])
        self.practice = practice


class BadSignature(PayloadError):
    """The check digits fit, the signature does not: tampered with or forged."""

    code = "BAD_SIGNATURE"


class Malformed(PayloadError):
    """The structure is not the wire format's."""

    code = "MALFORMED"


class OutOfTime(PayloadError):
    """A genuine sheet outside its time; `sheet` says what it claims."""

    def __init__(self, sheet: Sheet) -> None:
        super().__init__("out of its time")
        self.sheet = sheet


class NotYetValid(OutOfTime):
    """Issued in the future by the server's clock."""

    code = "NOT_YET_VALID"


class Expired(OutOfTime):
    """Past its last valid moment."""

    code = "EXPIRED"


class CannotOpen(PayloadError):
    """The sealed part does not open with any key of this registry."""

    code = "CANNOT_OPEN"
