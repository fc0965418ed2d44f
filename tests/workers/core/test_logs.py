"""What a process of the engine logs, line by line."""

import io
import json
import logging
from collections.abc import Iterator

import pytest
from structlog.contextvars import bound_contextvars

from domain.core.errors import DefinitionError
from workers.core import logs


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def _logging_as_it_was() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = [*root.handlers], root.level
    yield
    root.handlers[:], root.level = handlers, level


def logged(form: str = "", stream: io.StringIO | None = None, secrets: tuple[str, ...] = (), words: str = "it") -> str:
    stream = stream or io.StringIO()
    logs.configure(form, secrets, stream)
    logging.getLogger("sluiceway.worker").info("%s began", words)
    return stream.getvalue()


def test_a_line_is_json_when_nobody_watches() -> None:
    line = json.loads(logged())

    assert (line["event"], line["level"], line["logger"]) == ("it began", "info", "sluiceway.worker")
    assert line["timestamp"].endswith("Z")


def test_a_terminal_gets_colours_and_nothing_else_does() -> None:
    assert "\033[" in logged(stream=Terminal())
    assert "\033[" not in logged("console")
    assert "it began" in logged("console")


def test_json_is_written_to_a_terminal_when_it_is_asked_for() -> None:
    assert json.loads(logged("json", Terminal()))["event"] == "it began"


def test_what_is_bound_is_in_every_line_whoever_logs_it() -> None:
    with bound_contextvars(run="run/web/1", job="test"):
        line = json.loads(logged())

    assert (line["run"], line["job"]) == ("run/web/1", "test")
    assert "run" not in json.loads(logged())


@pytest.mark.parametrize("form", ["json", "console"])
def test_secrets_are_masked_also_in_tracebacks_and_no_local_variable_is_told(form):
    stream = io.StringIO()
    logs.configure(form, ["hunter22", ""], stream)
    local = "not-" + "told"
    try:
        raise ValueError(f"hunter22 is wrong for {len(local)}")
    except ValueError:
        logging.getLogger("x").exception("hunter22 of https://ann:hunter33@example.com/x")

    text = stream.getvalue()
    assert "ValueError: *** is wrong" in text
    assert "https://***@example.com/x" in text
    assert not any(word in text for word in ("hunter", "not-told"))


def test_a_line_of_a_workflow_names_it() -> None:
    stream = io.StringIO()
    logs.configure("json", (), stream)
    logging.getLogger("w").warning("late", extra={"temporal_workflow": {"workflow_id": "release/web/production/7"}})

    assert json.loads(stream.getvalue())["release"] == "release/web/production/7"


def test_requests_are_not_logged_one_by_one() -> None:
    stream = io.StringIO()
    logs.configure("json", (), stream)
    logging.getLogger("httpx2").info("HTTP Request: GET")

    assert stream.getvalue() == ""


def test_a_form_that_does_not_exist_is_refused_by_name() -> None:
    with pytest.raises(DefinitionError, match="SLUICEWAY_LOG is 'xml', and must be one of json, console"):
        logs.configure("xml")
