"""Who may push to the repository of what is live does not decide which release is the latest."""

from __future__ import annotations

from pathlib import Path

import pytest

from activities.authority.everything import Everything
from tests.activities.releases.test_outcome import PATH, Remote, written
from tests.domain.releases.test_outcome import released


@pytest.fixture
def remote(tmp_path: Path) -> Remote:
    return Remote(tmp_path)


def registered(remote: Remote) -> dict[str, str]:
    return {"repository": remote.where.repository, "branch": "main", "path": remote.where.path}


@pytest.mark.parametrize("number", ["999999999", "8", "07", "9" * 300])
async def test_a_number_that_somebody_pushed_stops_no_release(remote: Remote, number: str):
    forged = released("1.8").document().decode().replace("number: 7", f"number: {number}").replace("1.8", "6.6")
    remote.commit({PATH: forged})
    done = await written(registered(remote), Everything())
    assert done.commit
    assert remote.file().encode() + b"\n" == released("1.8").document()


async def test_a_low_number_that_somebody_pushed_brings_no_earlier_release_back(remote: Remote):
    remote.commit({PATH: "number: 1\n"})
    done = await written(registered(remote), Everything(), live="r8")
    assert (done.words, done.commit) == (f"{PATH} was left to a later release", "")
    assert remote.file() == "number: 1"
