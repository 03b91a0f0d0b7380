"""Log lines as JSON objects, with the id of the request that they are about."""

from __future__ import annotations

import logging
import sys
from datetime import UTC, datetime

import orjson

from kitsu_api.observability.requests import request_id
from kitsu_api.settings import Settings

TEXT = "%(levelname)s %(name)s %(message)s"
SERVER_LOGGERS = ("uvicorn", "uvicorn.error", "uvicorn.access")


class JsonFormatter(logging.Formatter):
    """One object a line: time (UTC), level, logger, message, request id, and the trace of an error."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        moment = datetime.fromtimestamp(record.created, UTC)
        line = {
            "time": moment.isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            "process": record.process,
        }
        if id := request_id.get():
            line["request_id"] = id
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return orjson.dumps(line, default=str).decode()


def configure(settings: Settings, *, text_too: bool = False) -> None:
    """Write the log of this process to the error output as the settings say; as text only when asked to, for
    the server's own way of writing it is fine."""
    as_json = settings.log_format == "json"
    if not as_json and not text_too:
        return
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter() if as_json else logging.Formatter(TEXT))
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(settings.log_level.upper())
    for name in SERVER_LOGGERS:
        logger = logging.getLogger(name)
        logger.handlers, logger.propagate = [], True
    logging.getLogger("uvicorn.access").disabled = not settings.debug
