"""As tests/contracts/scanners/test_incremental_edits.py, at full length."""

import pytest

from tests.corpus.rescans import compare


@pytest.mark.heavy
@pytest.mark.timeout(1800)
async def test_after_each_of_two_hundred_edits_an_incremental_scan_is_a_whole_one(tmp_path):
    await compare(tmp_path, 200, seed=2)
