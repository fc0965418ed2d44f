"""Between an approval and what it approved, somebody changes the bytes under an approved digest."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.lab import Lab
from workers.client import approvals

GOOD, EVIL = b"what was approved", b"what was smuggled"
JOBS = """jobs:
  build:
    run: echo what was approved > app
    artifacts: {out: {app: app}}
  ok:
    needs: build
    approval: {users: [lead], allow: {author: true, committer: true, starter: true}}
  ship:
    needs: [ok, build]
    artifacts: {in: build.app}
    run: grep -q "what was" app
"""


def swapped(store: Path) -> int:
    """Whoever can write into the store does so; the number of files that he changed."""
    found = [path for path in store.rglob("*") if path.is_file() and GOOD in path.read_bytes()]
    for path in found:
        path.chmod(0o600)
        path.write_bytes(path.read_bytes().replace(GOOD, EVIL))
    return len(found)


@pytest.mark.parametrize("hurt", [False, True])
async def test_bytes_that_are_not_what_their_digest_says_are_used_by_no_job(lab: Lab, hurt: bool) -> None:
    lab.identity("lead")
    run = await lab.start(JOBS)
    job = await lab.until_asked(run)
    if hurt:
        assert swapped(lab.settings.store) > 0
    decision = await approvals.sign(lab.engine, run, job, "lead", True, "", lab.settings.keys)
    await approvals.decide(lab.engine, run, job, decision)
    result = await lab.result(run)

    assert (result.status, "SLW802" in result.reason) == (("failed", True) if hurt else ("passed", False))
