"""A pytest plugin: what one interpreter needs that runs workflows, activities and pytest itself, all in threads."""

from __future__ import annotations

import ast
import gc
import sys
import threading
from collections.abc import Iterator
from functools import wraps

import pytest

ONE_DEPTH_FOR_ALL_THREADS = sys.version_info < (3, 11, 9) or (3, 12) <= sys.version_info < (3, 12, 3)
"""These count the depth of `ast.parse` once per interpreter (gh-106905). Hypothesis hooks into the garbage collector, so
another thread can come in between, for example one that formats a traceback; then pytest dies of a SystemError."""


FEW_COLLECTIONS = (200_000, 50, 100)
"""While tests are collected, whose modules stay: a quarter of the time would go into collections that find nothing."""
SOME_COLLECTIONS = (10_000, 20, 20)


gc.set_threshold(*FEW_COLLECTIONS)


def pytest_configure() -> None:
    if ONE_DEPTH_FOR_ALL_THREADS and not hasattr(ast.parse, "__wrapped__"):
        parse, lock = ast.parse, threading.RLock()

        @wraps(parse)
        def one_at_a_time(*args, **options):  # type: ignore[no-untyped-def]
            with lock:
                return parse(*args, **options)

        ast.parse = one_at_a_time


@pytest.hookimpl(wrapper=True)
def pytest_collection_finish() -> Iterator[None]:
    """What is loaded by now stays: a collection looks at what a test has made, and is short."""
    yield
    gc.freeze()
    gc.set_threshold(*SOME_COLLECTIONS)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    if "temporalio" in sys.modules:
        session.config.stash[_EXIT] = session


_EXIT = pytest.StashKey[pytest.Session]()


@pytest.hookimpl(trylast=True)
def pytest_unconfigure(config: pytest.Config) -> None:
    """The SDK's threads can crash the interpreter while it shuts down, after all tests have passed."""
    if session := config.stash.get(_EXIT, None):
        import os

        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(int(session.exitstatus))
