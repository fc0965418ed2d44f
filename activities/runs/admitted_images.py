"""Which images earlier attempts of a run have admitted, from the records: a rerun is of what ran."""

from __future__ import annotations

from collections.abc import Mapping

from activities.core import serialization as serial
from activities.runs.run_reader import RunReader
from domain.core import ids
from domain.core.documents import Node
from domain.jobs.result import JobResult


def admitted_before(runs: RunReader, run: str, job: str) -> Mapping[str, str]:
    """Names of images to their references, as the latest attempt that ended a deploy job says; empty: none has."""
    try:
        pipeline, number, attempt = ids.split_run(run)
    except ValueError:
        return {}
    for earlier in range(max(attempt, 1), 0, -1):
        ended = runs.last_results(ids.run_id(pipeline, number, earlier)).get(job)
        if ended is None:
            continue
        said = Node(serial.load(JobResult, ended["result"]).outputs)["images"].strings()
        if said:
            return said
    return {}
