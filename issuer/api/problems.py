"""What can go wrong at the portal's API, beside what every API of ours tells."""

from http import HTTPStatus

from werkzeug.exceptions import NotAcceptable

from shared.web import problems
from shared.web.problems import Kind, Problems

KINDS = (
    problems.INVALID_JSON,
    problems.BAD_REQUEST,
    problems.NOT_FOUND,
    problems.METHOD_NOT_ALLOWED,
    Kind("not-acceptable", HTTPStatus.NOT_ACCEPTABLE, "求められた形式では返せません",
         "Acceptヘッダーに application/pdf、image/svg+xml、image/png、application/json の"
         "どれかを指定してください。"),
    problems.too_large("8 KiB"),
    problems.UNSUPPORTED,
    problems.INVALID_FIELDS,
    problems.KEY_REUSED,
    Kind("too-many-requests", HTTPStatus.TOO_MANY_REQUESTS, "短い間に何度も呼び出されました",
         "Retry-Afterヘッダーの秒数だけ待ってから、もう一度送信してください。"),
    problems.INTERNAL,
    problems.BUSY,
)  # fmt: skip
PROBLEMS = Problems(KINDS)


class NotOffered(NotAcceptable):
    """The caller accepts none of our formats."""

    problem = "not-acceptable"
