"""How much of the same a run of the suite does: SLUICEWAY_TESTS=quick (the default) or full.

A profile changes how often a property is tried or a trial is repeated, never what is expected of it.
"""

from __future__ import annotations

import os
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.internal.conjecture import providers
from hypothesis.internal.constants_ast import Constants

FULL: Final = os.environ.get("SLUICEWAY_TESTS", "quick") == "full"


def times(quick: int, full: int) -> int:
    """Repetitions of a trial, by profile."""
    return full if FULL else quick


def first_of(*cases: Any) -> list[Any]:
    """Cases of one promise: the first is tried after every change, and the others in the system suite.

    A tuple has a value for each argument, as with `parametrize`, also where there is only one.
    """
    values = [case if isinstance(case, tuple) else (case,) for case in cases]
    return [pytest.param(*one, marks=[pytest.mark.system] if at else []) for at, one in enumerate(values)]


def load_hypothesis() -> None:
    """Draws know the constants of all our modules only in a full run: each process would read every module's syntax tree
    for them, which takes nine seconds of its time in a fresh checkout.
    """
    quiet = [HealthCheck.too_slow, HealthCheck.data_too_large]  # both depend on chance, and on the load of the machine
    settings.register_profile("quick", deadline=None, max_examples=10, suppress_health_check=quiet)
    settings.register_profile("full", deadline=None, max_examples=200, suppress_health_check=quiet)
    settings.load_profile("full" if FULL else "quick")
    if not FULL:
        providers._get_local_constants = Constants
