"""Whether a worker and its server fit is decided by their versions alone."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.core.version import VERSION
from domain.inventory.dial_versions import ADVICE, Fits, fits

numbers = st.tuples(*[st.integers(0, 10_000)] * 3)


@given(numbers, numbers)
def test_a_version_is_older_newer_or_the_same_by_its_numbers(theirs, ours):
    found = fits(".".join(map(str, theirs)), ".".join(map(str, ours)))
    assert found is (Fits.SAME if theirs == ours else Fits.OLDER if theirs < ours else Fits.NEWER)
    assert (found in ADVICE) is (theirs != ours)


@pytest.mark.parametrize("odd", ["", "x", "1.2", "9" * 30 + ".1.1", "\0"])
def test_what_is_no_version_is_said_to_be_none(odd):
    assert fits(odd, VERSION) is fits(VERSION, odd) is Fits.UNKNOWN


def test_the_version_is_that_of_the_package():
    project = tomllib.loads((Path(__file__).parents[3] / "pyproject.toml").read_text())["project"]
    assert project["version"] == VERSION
