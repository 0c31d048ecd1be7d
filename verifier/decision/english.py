"""The catalogue's sentences to the visitor in English: for the display turned to them."""

from verifier.decision.reasons import Notice, Reason

_CHECKING = "We need a little time to check."
_NEW_SHEET = "Please issue a new code and bring the new sheet."
_CANNOT_CHECK = "We could not check this sheet. " + _NEW_SHEET
_NO_MATCH = "We cannot hand over the papers: the sheet does not match our records."

ENGLISH: dict[Reason | Notice, str] = {
    Reason.NOT_OURS: "This code is not for collecting papers. Please show your collection sheet.",
    Reason.NEWER_VERSION: _CHECKING,
    Reason.MISREAD: "The code could not be read. We will try again.",
    Reason.UNKNOWN_KEY: _CANNOT_CHECK,
    Reason.TEST_KEY: "This is a test sheet. " + _NEW_SHEET,
    Reason.REAL_KEY: "This window is for practice only. We will show you the right window.",
    Reason.FORGED: "We could not check this sheet. A member of staff will come.",
    Reason.MALFORMED: _CANNOT_CHECK,
    Reason.NOT_YET_VALID: _CHECKING,
    Reason.EXPIRED: "This sheet has expired. " + _NEW_SHEET,
    Reason.KIOSK_LOCKED: "We cannot check sheets at this window. Our staff will help you.",
    Reason.UNKNOWN_SEARCH_KEY: "We will check the number again.",
    Reason.TYPING_LOCKED: "We will check by the code.",
    Reason.WRONG_WINDOW: "Another window handles this procedure.",
    Reason.NOT_ON_PLAN: "We cannot check this here now. Another window will check it.",
    Reason.NOT_REGISTERED: _NO_MATCH,
    Reason.ALREADY_REGISTERED: "This cannot be registered as new.",
    Reason.NO_SUCH_FILING: "We will look into your filing.",
    Reason.SUSPENDED: _CHECKING,
    Reason.CANNOT_OPEN: _CANNOT_CHECK,
    Reason.PASSWORD_LOCKED: "Please apply to change your password.",
    Reason.WRONG_PASSWORD: _NO_MATCH,
    Reason.FORMER_PASSWORD: "This sheet is from before the change. " + _NEW_SHEET,
    Reason.NOT_BEFORE: "This sheet cannot be used. " + _NEW_SHEET,
    Reason.OLDER_THAN_CREDENTIAL: "You have made a change since this sheet. " + _NEW_SHEET,
    Reason.REUSED_PASSWORD: "Please issue the code again with another password.",
    Reason.SUPERSEDED: "There is a newer sheet. Please bring the one you issued last.",
    Reason.SHOWN_BEFORE: "This sheet has been used once. " + _NEW_SHEET,
    Reason.PROCEDURE_CLOSED: "We are not taking this procedure at the moment.",
    Reason.OTHER_OFFICE: "Your papers are at the office you filed with.",
    Reason.INDIVIDUAL_ONLY: "This filing needs its individual sheet.",
    Reason.NOTHING_TO_COLLECT: "There is nothing to hand over for this sheet at the moment.",
    Reason.NOT_READY: "Your papers are being prepared. Please wait until they are ready.",
    Reason.BEING_HANDED_OVER: "Another window is serving this.",
    Reason.ALREADY_RELEASED: "Our records say that this was handed over.",
    Reason.ON_HOLD: "A vehicle is on hold. We will check the documents.",
    Notice.READ_BEFORE: "Is this the rest of an earlier collection?",
    Notice.STEP_UP: "May we see your identity card, to be sure?",
    Notice.NEAR_MISS: "We will check how your name is written.",
    Notice.NO_REGISTRATION_NUMBER: "We will check your registration number.",
}
