"""A decision of nobody is refused before it is recorded."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from temporalio.exceptions import ApplicationError

from workflows.approvals.approval import ApprovalWorkflow


def test_a_decision_without_a_name_is_malformed() -> None:
    with pytest.raises(ApplicationError) as refused:
        ApprovalWorkflow._can_be_decided(SimpleNamespace(), SimpleNamespace(approver=""))  # type: ignore[arg-type]
    assert refused.value.type == "SLW872"
