"""Typed environment variables, read by pydantic-settings: imported only when one of them is set."""

from __future__ import annotations

from typing import Annotated

from pydantic import BeforeValidator, Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from domain.core.errors import DefinitionError
from domain.core.values import duration_s
from domain.evidence.retention import Retention
from domain.jobs.isolation import DISK_MB


def _seconds(value: str) -> float:
    """A duration such as 365d, or a number of seconds; 0: for ever."""
    return duration_s(float(value) if value.isdecimal() else value)


def _whole(value: str) -> int | str:
    """Kept from earlier versions: 1.5 is cut to 1."""
    try:
        return int(float(value))
    except (ValueError, OverflowError):
        return value


Duration = Annotated[float, BeforeValidator(_seconds)]
Count = Annotated[int, BeforeValidator(_whole), Field(ge=0, lt=1e9)]


class Environment(BaseSettings):
    """Defaults are those of `Settings`; an empty variable counts as unset."""

    model_config = SettingsConfigDict(
        env_prefix="SLUICEWAY_", env_ignore_empty=True, extra="ignore", validate_default=False
    )

    keep_evidence: Duration = Retention().evidence_s
    keep_logs: Duration = Retention().logs_s
    keep_artifacts: Duration = Retention().artifacts_s
    cache_mb: Count = 0
    job_disk_mb: Count = DISK_MB
    slots: Count = 0
    cpus: float = Field(default=0, ge=0, lt=1e9)
    memory_mb: Count = 0
    containers: Count = 0


def read() -> Environment:
    """Reads the variables.

    Raises:
        DefinitionError: SLW503, with each invalid value and what is wrong with it.
    """
    try:
        return Environment()
    except ValidationError as invalid:
        wrong = [
            f"SLUICEWAY_{str(one['loc'][0]).upper()} is '{one['input']}': {_words(one['msg'])}"
            for one in invalid.errors()
        ]
        fix = "set a number of at least 0, a duration such as 90d for SLUICEWAY_KEEP_*, or unset it"
        raise DefinitionError("SLW503", "; ".join(wrong), fix=fix) from invalid


def _variable(field: int | str) -> str:
    name = str(field).upper()
    return name if name.startswith("SLUICEWAY_") else f"SLUICEWAY_{name}"


def _words(message: str) -> str:
    plain = message.removeprefix("Value error, ")
    return plain[:1].lower() + plain[1:]
