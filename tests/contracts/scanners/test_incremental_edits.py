"""The real scanners on a tree that is edited: what was scanned again says what a scan of everything says."""

from tests.corpus.rescans import compare


async def test_after_each_of_two_edits_an_incremental_scan_is_a_whole_one(tmp_path):
    await compare(tmp_path, 2, seed=1)
