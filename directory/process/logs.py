"""JSON logs, one object a line: what happened and its codes, never values."""

import logging
import sys
import traceback

import structlog


def configure_logs() -> None:
    """For a process's start: structlog to stderr as JSON, and the libraries' warnings through it."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(handlers=[_Forward()], level=logging.WARNING, force=True)
    logging.getLogger("uvicorn.error").setLevel(logging.INFO)


class _Forward(logging.Handler):
    """Hands the standard library's records over; of an exception only type and place, since its text holds values."""

    def emit(self, record: logging.LogRecord) -> None:
        event: dict[str, object] = {"logger": record.name}
        if record.exc_info and record.exc_info[1] is not None:
            event |= where(record.exc_info[1])
        structlog.get_logger().log(record.levelno, record.getMessage(), **event)


def where(error: BaseException) -> dict[str, object]:
    """The type of an error and the frames it came through, without its message."""
    frames = traceback.extract_tb(error.__traceback__)
    return {
        "error": f"{type(error).__module__}.{type(error).__qualname__}",
        "frames": [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames[-12:]],
    }
