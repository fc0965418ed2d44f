"""As tests/contracts/scanners/test_incremental_edits.py, at greater length; `SLUICEWAY_TESTS=full`: at full."""

import pytest

from tests.corpus.rescans import QUICK, compare
from tests.support.profile import times


@pytest.mark.heavy
@pytest.mark.timeout(1200)
async def test_after_each_of_many_edits_an_incremental_scan_is_a_whole_one(tmp_path):
    await compare(tmp_path, times(60, 200), seed=2, tools=QUICK)


@pytest.mark.heavy
@pytest.mark.timeout(600)
async def test_after_each_of_twenty_edits_an_incremental_scan_is_a_whole_one_with_trivy_too(tmp_path):
    await compare(tmp_path, 20, seed=3)
