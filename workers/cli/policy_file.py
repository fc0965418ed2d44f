"""The judge's policy from a file, for commands that judge without an engine."""

from __future__ import annotations

from pathlib import Path

from domain.releases.judge.policy import Policy


def policy_of(file: Path | None) -> Policy | None:
    """What a definition has under `analysis`; None: no file was given.

    Raises:
        InvalidDefinitionError: it is no policy; the problems have file and line.
    """
    if file is None:
        return None
    from pipeline_defs.core.diagnostics import InvalidDefinitionError
    from pipeline_defs.releases.analysis_lint import read_policy

    policy, problems = read_policy(file.read_bytes(), str(file))
    if policy is None:
        raise InvalidDefinitionError(problems)
    return policy
