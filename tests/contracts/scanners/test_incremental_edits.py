"""The real scanners on a tree that is edited: what was scanned again says what a scan of everything says.

tests/heavy/scans/test_incremental_edits.py has sixty edits (two hundred with the full counts), and twenty with trivy.
"""

from tests.corpus.rescans import QUICK, compare


async def test_after_an_edit_an_incremental_scan_is_a_whole_one(tmp_path):
    await compare(tmp_path, 1, seed=1, tools=QUICK)
