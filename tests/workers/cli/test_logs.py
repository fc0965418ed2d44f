"""Logs that are followed from the start of a run, on a client that knows less than the run at first."""

import json
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

from domain.core.errors import SluicewayError
from tests.support.memory_client.seed import seeded
from workers.cli import logs
from workers.client.ports.runs import JobRow, LogLine, LogPart, RunDetails

JOB = JobRow(id="a", kind="run", stage="build", status="running", started_at=1.0)
LINES = (LogLine(1, 1.0, "out", "first"), LogLine(2, 1.0, "out", "last"))


class Begins:
    """Its job has begun before its log is there; the run ends with the third look."""

    def __init__(self) -> None:
        row = next(iter(seeded().runs.values())).row
        self._looks, self._row = 0, replace(row, ended_at=None)

    async def show(self, run: str) -> RunDetails:
        self._looks += 1
        return RunDetails(row=replace(self._row, ended_at=9.0 if self._looks > 2 else None), jobs=(JOB,))

    async def log(self, run: str, job: str, attempt: int = 1, *, first: int = 0, limit: int = 500) -> LogPart:
        if self._looks < 2:
            raise SluicewayError("SLW915", "it ran no job 'a'")
        return LogPart(lines=LINES[first - 1 :], first=first, total=len(LINES), ended=True)


async def test_a_log_that_is_not_there_when_its_job_begins_is_printed_from_its_first_line(monkeypatch, capsys):
    monkeypatch.setattr(logs, "EVERY_S", 0)
    printer = logs._Printer("web/1", "a", follow=True, timestamps=False, json=True)

    client: Any = SimpleNamespace(runs=Begins())
    await printer.all(client)

    assert [json.loads(line)["text"] for line in capsys.readouterr().out.splitlines()] == ["first", "last"]
