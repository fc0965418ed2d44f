"""Commands in containers: a stream of input and outputs."""

from __future__ import annotations

import contextlib

from kubernetes import client

from activities.kubernetes.client import Kube, ours
from activities.kubernetes.sdk import ExecStream, open_stream


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

    By a client of its own: the library turns every request of the client that opens a stream into one, also those of
    other threads.

    Raises:
        SluicewayError: SLW943, the server refuses or does not answer.
    """
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
