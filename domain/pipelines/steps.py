"""Steps of a job, with their retries, images and tests."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Step:
    """One command of a job."""

    run: str
    name: str = ""
    shell: str = "sh"
    env: dict[str, str] = field(default_factory=dict)
    timeout_s: float = 0
    """0: only the job's timeout applies."""


@dataclass(frozen=True)
class Retry:
    """Every retry is a new attempt of the job. `on` holds infrastructure, timeout, and exit codes as `exit:137`."""

    attempts: int = 1
    backoff_s: float = 2
    factor: float = 2
    max_backoff_s: float = 300
    on: tuple[str, ...] = ("infrastructure",)


@dataclass(frozen=True)
class ImageSpec:
    """The container image that a `build` job builds."""

    context: str = "."
    dockerfile: str = "Dockerfile"
    tag: str = ""
    build_args: dict[str, str] = field(default_factory=dict)
    push: bool = False
    """Pushes to the registry in the tag."""


@dataclass(frozen=True)
class TestSpec:
    """Report patterns of a `test` job, and the coverage of lines and branches it requires."""

    junit: tuple[str, ...] = ()
    coverage: tuple[str, ...] = ()
    min_coverage_percent: float = 0
    min_branch_percent: float = 0

    __test__ = False
