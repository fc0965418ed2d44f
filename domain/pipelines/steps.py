"""Steps of a job, and what surrounds them: retries, images, tests."""

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
    """0: only the job's limit counts."""


@dataclass(frozen=True)
class Retry:
    """A retry is a new attempt of the job. `on` holds infrastructure, timeout, and exit codes as `exit:137`."""

    attempts: int = 1
    backoff_s: float = 2
    factor: float = 2
    max_backoff_s: float = 300
    on: tuple[str, ...] = ("infrastructure",)


@dataclass(frozen=True)
class ImageSpec:
    """The container image that a `build` job makes."""

    context: str = "."
    dockerfile: str = "Dockerfile"
    tag: str = ""
    build_args: dict[str, str] = field(default_factory=dict)
    push: bool = False
    """To the registry that the tag names."""


@dataclass(frozen=True)
class TestSpec:
    """Which reports of a `test` job are read (patterns), and the line coverage that it needs."""

    junit: tuple[str, ...] = ()
    coverage: tuple[str, ...] = ()
    min_coverage_percent: float = 0

    __test__ = False
