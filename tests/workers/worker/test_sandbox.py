"""Payloads cost no entry into the sandbox; the workflow itself still runs in it."""

from unittest.mock import create_autospec

import pytest
from temporalio.worker import WorkflowInstance, WorkflowInstanceDetails
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner

from workers.worker.sandbox import QuietRunner


class Inner(WorkflowInstance):
    def activate(self, act):
        return f"activated {act}"

    def get_serialization_context(self, command_info):
        raise AssertionError("the sandbox was entered")

    get_external_store_context = get_serialization_context

    def get_info(self):
        return "info"

    def get_thread_id(self):
        return 7


@pytest.fixture
def instance(monkeypatch):
    monkeypatch.setattr(SandboxedWorkflowRunner, "create_instance", lambda runner, det: Inner())
    return QuietRunner().create_instance(create_autospec(WorkflowInstanceDetails))


def test_the_context_of_a_payload_is_not_asked_of_the_sandbox(instance):
    assert instance.get_serialization_context("a command") is None
    assert instance.get_external_store_context("a command").target is None


def test_everything_else_is(instance):
    assert (instance.activate("it"), instance.get_info(), instance.get_thread_id()) == ("activated it", "info", 7)
