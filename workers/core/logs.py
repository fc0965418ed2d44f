"""Logging of the engine's processes: JSON lines, or coloured lines on a terminal, with run and job.

Libraries and our own code log through the standard library and one handler.
"""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Iterable
from typing import Any, TextIO

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from domain.core import terminal
from domain.core.errors import DefinitionError
from domain.core.masking import Masker

FORMS = ("json", "console")
_USER_INFO = re.compile(r"(?<=://)[^/\s@]+@")


def configure(form: str = "", secrets: Iterable[str] = (), stream: TextIO | None = None) -> None:
    """Logs to `stream` (stderr). `form` is one of FORMS; empty: console on a terminal, else JSON.

    Masks the values of `secrets`, and URLs with passwords.

    Raises:
        DefinitionError: SLW503, unknown form.
    """
    if form not in ("", *FORMS):
        raise DefinitionError("SLW503", f"SLUICEWAY_LOG is '{form}', and must be one of {', '.join(FORMS)}")
    stream = stream or sys.stderr
    is_json = form == "json" or (form != "console" and not stream.isatty())
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[
                structlog.contextvars.merge_contextvars,
                structlog.stdlib.add_log_level,
                structlog.stdlib.add_logger_name,
                structlog.processors.TimeStamper(fmt="iso", utc=True),
                _of_workflow,
            ],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,  # text only: local variables may hold secrets
                _masking(secrets),
                *([] if is_json else [_harmless]),
                _renderer(is_json, colours=stream.isatty()),
            ],
        )
    )
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    logging.getLogger("httpx2").setLevel(logging.WARNING)  # it logs a line for every request


def _renderer(is_json: bool, *, colours: bool) -> Processor:
    if is_json:
        written = structlog.processors.JSONRenderer(ensure_ascii=False)
        return lambda logger, method, event: terminal.json_line(str(written(logger, method, event)))
    return structlog.dev.ConsoleRenderer(colors=colours, exception_formatter=structlog.dev.plain_traceback)


def _of_workflow(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """The fields of the SDK's workflow logger; a workflow cannot bind any, since it runs in a sandbox."""
    info = getattr(event["_record"], "temporal_workflow", None)
    if isinstance(info, dict) and "workflow_id" in info:
        event.update(subject(info["workflow_id"]))
    return event


def subject(workflow_id: str) -> dict[str, str]:
    """`run/web/142` to `{"run": "run/web/142"}`: the prefix of a workflow id names its subject."""
    kind, slash, _ = workflow_id.partition("/")
    return {kind if slash else "workflow": workflow_id}


def _harmless(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """What strangers named or wrote has no power over the terminal of whoever reads the log."""
    return {key: _shown(value) for key, value in event.items()}


def _shown(value: Any) -> Any:  # a log's event holds anything
    return terminal.lines(value) if isinstance(value, str) else value


def _masking(secrets: Iterable[str]) -> Processor:
    masker = Masker(one for one in secrets if one)

    def mask(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
        for key, value in event.items():
            if isinstance(value, str):
                masked = masker.whole(value.encode(errors="backslashreplace")).decode()
                event[key] = _USER_INFO.sub("***@", masked)
        return event

    return mask
