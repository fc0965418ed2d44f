"""The time that no file in an artifact is newer than: equal content then has an equal digest.

Source: https://reproducible-builds.org/specs/source-date-epoch/
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from activities.jobs.port import JobInput
from activities.source import git
from domain.core.errors import SluicewayError

VARIABLE = "SOURCE_DATE_EPOCH"
_SECONDS = re.compile(r"[0-9]{1,11}")


def variables(input: JobInput, mirror: Path) -> dict[str, str]:
    """The variable for the steps, where the definition asks for the commit's time and does not set it itself.

    Raises:
        SluicewayError: SLW825, there is no commit, or the definition's own value is no time.
    """
    job = input.job
    if job.artifacts_out:
        of(job.env)
    if job.artifact_times != "commit" or VARIABLE in job.env:
        return {}
    if not input.source.repo:
        raise SluicewayError("SLW825", "artifacts shall have the commit's time, and this run has no commit")
    return {VARIABLE: str(git.committed_at(mirror, input.source.commit))}


def of(env: Mapping[str, str]) -> int | None:
    """Seconds since the epoch, from the variables that all steps of a job have; None without one.

    Raises:
        SluicewayError: SLW825, it is no time.
    """
    value = env.get(VARIABLE)
    if value is None:
        return None
    if not _SECONDS.fullmatch(value):
        raise SluicewayError("SLW825", f"{VARIABLE} is '{value[:40]}', not a whole number of seconds since 1970")
    return int(value)
