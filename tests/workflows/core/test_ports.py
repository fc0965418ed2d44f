"""A workflow loads ports and messages, and what a port promises is what Temporal is given."""

import inspect
import pkgutil
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from typing import get_type_hints

import pytest
import temporalio.activity

import activities
from workers.worker.deployment import DETERMINISTIC

ALLOWED = {"activities.core.serialization"}
"""Reads the pages of a plan, as the converter reads payloads."""
ROOT = Path(__file__).parents[3]
LOAD_ALL = """
import pkgutil, sys, workflows
for found in pkgutil.walk_packages(workflows.__path__, "workflows."):
    __import__(found.name)
print(*(f"{name}={module.__file__}" for name, module in sys.modules.items() if getattr(module, "__file__", "")))
"""


@pytest.fixture(scope="module")
def loaded():
    """File by module, of what is ours and not a package, once all workflows are loaded."""
    told = subprocess.run([sys.executable, "-c", LOAD_ALL], capture_output=True, text=True, check=True, cwd=ROOT).stdout
    files = dict(entry.split("=", 1) for entry in told.split())
    ours = ("domain.", "pipeline_defs.", "activities.", "workflows.")
    return {name: Path(file) for name, file in files.items() if name.startswith(ours) and "__init__" not in file}


def test_a_workflow_loads_no_implementation_of_an_activity(loaded):
    used = {name for name in loaded if name.startswith("activities.")}
    assert {name for name in used if not name.endswith(".port")} == ALLOWED
    assert "activities.jobs.port" in used


def test_the_version_of_the_engine_is_made_of_what_a_workflow_loads(loaded):
    made_of = {path for pattern in DETERMINISTIC for path in ROOT.glob(pattern)}
    assert set(loaded.values()) <= made_of


def definitions(owner):
    found = inspect.getmembers(owner, lambda member: hasattr(member, "__temporal_activity_definition"))
    return {temporalio.activity._Definition.must_from_callable(method).name: method for _, method in found}


def signatures():
    """Each class of activities in a port."""
    owners = []
    for found in pkgutil.walk_packages(activities.__path__, "activities."):
        if found.name.endswith(".port"):
            module = import_module(found.name)
            for owner in vars(module).values():
                if inspect.isclass(owner) and owner.__module__ == module.__name__ and definitions(owner):
                    owners.append(owner)
    return owners


def implementations(port):
    return [found for found in port.__subclasses__() if found.__module__.startswith("activities.")]


@pytest.fixture(scope="module", autouse=True)
def everything_is_loaded():
    import_module("workers.worker.wiring")


@pytest.mark.parametrize("port", signatures(), ids=lambda port: f"{port.__module__}.{port.__name__}")
def test_what_a_port_says_of_an_activity_is_what_its_implementation_takes_and_gives(port):
    assert implementations(port), "nobody implements it"
    for owner in implementations(port):
        made = definitions(owner)
        for name, promised in definitions(port).items():
            assert get_type_hints(made[name]) == get_type_hints(promised), name
            assert list(inspect.signature(made[name]).parameters) == list(inspect.signature(promised).parameters), name
