"""What a server answers becomes an error with a code that people can look up."""

from __future__ import annotations

from types import SimpleNamespace
from typing import NoReturn

import pytest
from temporalio.client import WorkflowQueryFailedError, WorkflowUpdateFailedError
from temporalio.exceptions import ApplicationError, WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from activities.volumes.port import VolumeRequest
from domain.core.errors import SluicewayError
from domain.triggers.delivery import Delivery
from domain.triggers.events import Event, EventKind
from domain.triggers.source import SourceRef
from domain.volumes.volume import VolumeAction, VolumeSpec
from workers.client import deliveries, triggers
from workers.client.calls import ask
from workers.client.client import Engine
from workers.client.clusters import Clusters
from workers.worker.deployment import Deployed, make_current


class _Client:
    """Every call fails with one error."""

    namespace = "default"

    def __init__(self, error: Exception) -> None:
        self._error = error
        self.workflow_service = SimpleNamespace(set_worker_deployment_current_version=self._fail)

    async def _fail(self, *_: object, **__: object) -> NoReturn:
        raise self._error

    execute_workflow = start_workflow = execute_update_with_start_workflow = _fail


async def _failing(error: Exception) -> NoReturn:
    raise error


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (WorkflowUpdateFailedError(ApplicationError("it has ended")), "SLW905"),
        (WorkflowQueryFailedError("no worker knows it"), "SLW906"),
        (RPCError("not found", RPCStatusCode.NOT_FOUND, b""), "SLW907"),
        (RPCError("away", RPCStatusCode.UNAVAILABLE, b""), "SLW902"),
    ],
)
async def test_what_a_workflow_answers_has_a_code(error: Exception, code: str) -> None:
    with pytest.raises(SluicewayError, match=code):
        await ask(_failing(error), "run/web/1")


async def test_a_delivery_that_is_not_accepted_says_why() -> None:
    client = _Client(WorkflowUpdateFailedError(ApplicationError("commit 12 is not in the repository")))
    delivery = Delivery("1", Event(EventKind.MANUAL), "p.yaml", SourceRef("/r", "c"), "web")
    with pytest.raises(SluicewayError, match=r"SLW904.*commit 12"):
        await triggers.deliver(Engine(client), delivery)  # type: ignore[arg-type]


async def test_two_actions_on_one_volume_at_once_are_refused() -> None:
    client = _Client(WorkflowAlreadyStartedError("volume/c/default/data", "Volume"))
    wish = VolumeRequest("c", VolumeSpec("data"), VolumeAction.DELETE)
    with pytest.raises(SluicewayError, match="SLW956"):
        await Clusters(Engine(client)).volume(wish)  # type: ignore[arg-type]


async def test_a_version_that_the_server_refuses_is_said() -> None:
    client = _Client(RPCError("not allowed", RPCStatusCode.PERMISSION_DENIED, b""))
    with pytest.raises(SluicewayError, match="SLW914"):
        await make_current(client, Deployed("engine", "1"))  # type: ignore[arg-type]


def test_a_run_of_an_older_version_has_no_definition_to_change(tmp_path: object) -> None:
    old = {"id": "run/web/1", "event": '{"kind": "manual"}', "source": '{"repo": "/r", "commit": "c"}', "path": ""}
    with pytest.raises(SluicewayError, match="SLW926"):
        deliveries.definition_now(old, tmp_path)  # type: ignore[arg-type]
