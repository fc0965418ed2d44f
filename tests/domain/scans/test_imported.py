"""What a result of another tool means, by the words that SARIF has for it."""

import pytest

from domain.scans.findings.imported import Meaning, meaning, suppressed_by_tool


@pytest.mark.parametrize(
    ("kind", "baseline_state", "means"),
    [
        *[(kind, "", Meaning.FAILURE) for kind in ("", "fail", "FAIL", "of our own")],
        *[(kind, "", Meaning.REMARK) for kind in ("informational", "open", "review")],
        *[(kind, "", Meaning.NOTHING) for kind in ("pass", "notApplicable")],
        *[("fail", state, Meaning.FAILURE) for state in ("new", "unchanged", "updated", "of our own")],
        *[(kind, "absent", Meaning.NOTHING) for kind in ("fail", "open", "")],
    ],
)
def test_only_what_the_standard_calls_no_failure_is_none(kind, baseline_state, means):
    assert meaning(kind, baseline_state) is means


@pytest.mark.parametrize(
    ("statuses", "holds"),
    [
        ([], False),
        ([""], True),
        (["accepted"], True),
        (["accepted", ""], True),
        (["rejected"], False),
        (["underReview"], False),
        (["accepted", "rejected"], False),
        (["of our own"], False),
    ],
)
def test_a_tool_suppresses_only_what_nobody_has_rejected_or_still_reviews(statuses, holds):
    assert suppressed_by_tool(statuses) is holds
