"""Commands in containers: a stream of input and outputs."""

from __future__ import annotations

import contextlib

from kubernetes import client

from activities.kubernetes.api_errors import ours
from activities.kubernetes.client import Kube
from activities.kubernetes.sdk import ExecStream, open_stream
from domain.core.errors import SluicewayError


def open_exec(
    kube: Kube,
    namespace: str,
    pod: str,
    container: str,
    command: list[str],
    *,
    stdin: bool = False,
) -> ExecStream:
    """An open stream of the command's input and outputs, in bytes.

    Always the engine's own, for jobs: people have `exec_socket`.

    By a client of its own: the library turns every request of the client that opens a stream into one, also those of
    other threads.

    Raises:
        SluicewayError: SLW943, the server refuses or does not answer.
    """
    if kube.person is not None:
        raise SluicewayError("SLW943", "this exec is the engine's own", why=f"it was asked for {kube.person.user}")
    core = client.CoreV1Api(client.ApiClient(kube.api.configuration))
    with ours(f"exec in {namespace}/{pod}"):
        return open_stream(
            core.connect_get_namespaced_pod_exec,
            pod,
            namespace,
            container=container,
            command=command,
            stdin=stdin,
            stdout=True,
            stderr=True,
            tty=False,
            binary=True,
            _preload_content=False,
        )


def hang_up(stream: ExecStream) -> None:
    """Closes a stream of `exec` at once; the client's own close leaks sockets that the peer has closed."""
    with contextlib.suppress(OSError):
        stream.close(timeout=0)
    if stream.sock is not None:
        stream.sock.shutdown()
