"""Diagnosis on stderr: one line an event, no names, keys, texts or passwords in it.

The log is for whoever mends the machine; evidence is the journal. The two never mix.
"""

import json
import logging
import sys
from datetime import UTC, datetime


def configure(process: str, level: int = logging.INFO) -> None:
    """Send this process's log to stderr, one JSON object a line."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_JsonLines(process))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for chatty in ("alembic", "waitress.queue", "fontTools", "PIL"):
        logging.getLogger(chatty).setLevel(logging.WARNING)


class _JsonLines(logging.Formatter):
    """JSON escapes line ends and control characters, so nothing logged can forge a line."""

    def __init__(self, process: str) -> None:
        super().__init__()
        self._process = process

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "process": self._process,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)
