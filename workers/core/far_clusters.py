"""How this process asks the workers in clusters that dial out: by a workflow for each question.

Its client lives in a thread and a loop of its own: whoever asks blocks in any other thread.
"""

from __future__ import annotations

import asyncio
import threading
import uuid
from collections.abc import Callable
from concurrent.futures import TimeoutError as TooLateError
from datetime import timedelta
from functools import cached_property

from temporalio.client import Client, WorkflowFailureError
from temporalio.common import WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError

from activities.inventory.port import DialledAnswer, DialledAsk
from domain.core import ids
from domain.core.errors import RefusedError, SluicewayError
from domain.inventory.dialled import AWAY, CODE, Answered, Asked, May, packed, unpacked
from workers.core import connection
from workers.core.keyring import Keyring
from workers.core.settings import TASK_QUEUE, Settings

LONGEST = timedelta(seconds=90)
"""From a question to its answer, whatever happens."""
FEW_S = 10.0
"""For the engine itself to say something beside."""


class FarClusters:
    """Implements `Far`."""

    def __init__(self, settings: Settings, may: Callable[[str], May], queue: str = TASK_QUEUE) -> None:
        """`may`: what the worker in a cluster was let do when it was last heard of."""
        self._settings, self._may, self.queue = settings, may, queue
        self._client: Client | None = None
        self._lock = threading.Lock()

    def ask(self, cluster: str, asked: Asked, need: May) -> Answered:
        """See `Far`."""
        self.must(cluster, need)
        entry = asked.deed.permit.get("entry", 0) if asked.deed else 0
        call = f"permit-{entry}" if entry else uuid.uuid4().hex
        asking = asyncio.run_coroutine_threadsafe(self._ask(cluster, packed(asked), call), self._loop)
        try:
            answer = asking.result(LONGEST.total_seconds() + FEW_S)
        except TooLateError as late:
            asking.cancel()
            raise _away(cluster, "the engine has not answered", begun=bool(asked.deed)) from late
        if answer.away:
            raise _away(cluster, answer.away, begun=answer.begun and asked.deed is not None)
        return unpacked(Answered, answer.text)

    def must(self, cluster: str, need: May) -> None:
        """Raises:
        RefusedError: SLW977, the worker is let do less than that.
        """
        if not self._may(cluster).holds(need):
            fix = f"sluiceway cluster manifest {cluster} --may {need}, and apply what it prints"
            raise RefusedError(CODE, f"the worker in {cluster} is not let do this", where=cluster, fix=fix)

    async def _ask(self, cluster: str, text: str, call: str) -> DialledAnswer:
        try:
            if self._client is None:
                ring = Keyring.of_home(self._settings.home)
                address, namespace = self._settings.temporal_address(), self._settings.namespace
                self._client = await connection.connect(address, namespace, ring=ring)
            answer: DialledAnswer = await self._client.execute_workflow(
                "DialledCall",
                DialledAsk(cluster, text),
                id=ids.dialled_id(cluster, call),
                task_queue=self.queue,
                id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
                execution_timeout=LONGEST,
                static_summary=f"asks the worker in {cluster}",
                result_type=DialledAnswer,
            )
            return answer
        except (RPCError, WorkflowFailureError, WorkflowAlreadyStartedError) as broken:
            return DialledAnswer(away=str(broken)[:300], begun=True)

    @cached_property
    def _loop(self) -> asyncio.AbstractEventLoop:
        with self._lock:
            if found := self.__dict__.get("_loop"):
                return found  # type: ignore[no-any-return]  # another thread was faster
            loop = asyncio.new_event_loop()
            threading.Thread(target=loop.run_forever, name="far-clusters", daemon=True).start()
            self.__dict__["_loop"] = loop
            return loop


def _away(cluster: str, why: str, *, begun: bool) -> SluicewayError:
    what = f"the worker in {cluster} does not answer"
    fix = "look whether it was done before it is asked again" if begun else ""
    return SluicewayError(AWAY, what, where=cluster, why=why, fix=fix, transient=True)
