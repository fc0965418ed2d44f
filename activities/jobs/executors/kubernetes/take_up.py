"""A job whose worker is gone, machine and all: another one finds its pod, and the agent in it goes on for that one.

The agent has kept what the steps wrote, so the log is complete on the new machine, too; no step runs again. A pod is
believed by the mark that a worker gave it once it was made: see domain/jobs/pod_mark.py.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from pathlib import Path

from activities.jobs import agent_moves
from activities.jobs.executors.kubernetes.agents import Agents
from activities.jobs.executors.kubernetes.pod_ref import Held
from activities.kubernetes.exec import hang_up, open_exec
from domain.core.documents import Manifest, Node, Object
from domain.core.errors import SluicewayError
from domain.jobs import job_pod, pod_mark
from domain.jobs.agent import FOLDER

MOVE_S = 15
SETTINGS, EARLIER = "settings.json", "earlier.json"
"""Of the agent's Secret: what it shall serve, and what it served before. A worker that dies between leaves both."""


def taken_up(held: Held, agents: Agents, folder: Path, look: Sequence[str], policy: Manifest) -> bool:
    """Whether the job's pod was there, and its agent serves this machine from now on.

    `policy`: the NetworkPolicy of the pod, with this machine's endpoint. `look`: as in `AgentSpec`.
    """
    kube, name, namespace = held.kube, held.name, held.namespace
    pod = kube.get("v1", "Pod", name, namespace)
    secret = kube.get("v1", "Secret", job_pod.agent_name(name), namespace)
    if pod is None or secret is None or not _serves(pod) or not _is_marked(held, agents, pod):
        return False
    known = _settings(secret)
    given = agents.given(held.place.key, folder, job_pod.ROOT, look)
    kube.patch("networking.k8s.io/v1", "NetworkPolicy", name, {"spec": Node(policy)["spec"].object()}, namespace)
    kept: Manifest = {"stringData": {SETTINGS: given, EARLIER: known[0] if known else ""}}
    kube.patch("v1", "Secret", job_pod.agent_name(name), kept, namespace)
    holder: Manifest = {"metadata": {"annotations": {job_pod.HOLDER: held.place.holder}}}
    kube.patch("v1", "Pod", name, holder, namespace)
    done = any(moved(held, _token(one), given) for one in known)
    now = kube.get("v1", "Pod", name, namespace)
    return done and now is not None and _is_marked(held, agents, now)  # a name may have meant another pod meanwhile


def marked(held: Held, agents: Agents, pod: Object) -> None:
    """Marks a pod that was just made, so that a later worker believes it; nothing, where there is no key."""
    if keys := agents.secrets():
        said: Manifest = {"annotations": {pod_mark.ANNOTATION: pod_mark.mark(keys[-1], held.place.key, pod)}}
        held.kube.patch("v1", "Pod", held.name, {"metadata": said}, held.namespace)


def _is_marked(held: Held, agents: Agents, pod: Object) -> bool:
    return pod_mark.is_marked(agents.secrets(), held.place.key, pod)


def _serves(pod: Object) -> bool:
    """Whether it runs, with an agent that was put there."""
    installed = Node(pod).at("status", "initContainerStatuses")
    return bool(installed) and job_pod.refused(pod, ()) is None and not job_pod.waits_for(pod, ())


def _settings(secret: Object) -> list[str]:
    data = Node(secret)["data"].strings()
    return [base64.b64decode(data[name]).decode() for name in (SETTINGS, EARLIER) if data.get(name)]


def _token(settings: str) -> str:
    return Node(json.loads(settings))["token"].text()


def moved(held: Held, token: str, settings: str) -> bool:
    """Tells the agent, from inside of its pod. It believes whoever knows its token, which is not sent."""
    said = json.dumps({"sealed": agent_moves.sealed(token, settings)}).encode()
    command = [f"{FOLDER}/agent", "move", FOLDER]
    try:
        stream = open_exec(held.kube, held.namespace, held.name, job_pod.STEPS, command, stdin=True)
        try:
            stream.write_channel(0, said)
            stream.run_forever(timeout=MOVE_S)
            return not stream.is_open() and stream.returncode == 0
        finally:
            hang_up(stream)
    except (SluicewayError, OSError):
        return False
