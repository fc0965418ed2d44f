"""What a release is told of the approvals between its steps, as versions before wrote it."""

from domain.releases.spec import ApprovalStep
from workers.core.conversion import CONVERTER


def test_an_approval_step_written_before_it_was_an_approval_is_read() -> None:
    """As tests/replay/histories/release-canary-approved.json holds it."""
    flat = {
        "before_percent": 25.0,
        "users": ["one"],
        "groups": ["managers"],
        "roles": [],
        "quorum": 2,
        "expires_s": 60.0,
        "message": "May it?",
    }

    (step,) = CONVERTER.payload_converter.from_payloads(
        CONVERTER.payload_converter.to_payloads([flat]), type_hints=[ApprovalStep]
    )

    assert step == ApprovalStep(
        before_percent=25.0, users=("one",), groups=("managers",), quorum=2, expires_s=60.0, message="May it?"
    )
    assert step.name == "before-25"
