"""The embedded engine of one home: a Temporal server with its UI, a worker, a signer and the server for people.

All are kept by supervisors.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import sys
import time
from collections.abc import Collection, Mapping
from pathlib import Path
from types import MappingProxyType

from activities.authority import sockets
from activities.supervisor import launch, tree
from activities.supervisor.service import answers
from domain.core.documents import Manifest, Node
from domain.core.errors import DefinitionError, SluicewayError
from workers.core import code
from workers.core.home import keep_private
from workers.core.keyring import Keyring
from workers.core.listing import open_listing
from workers.core.settings import EngineAddresses, Settings
from workers.engine.development_server import SEARCH_ATTRIBUTES as SEARCH_ATTRIBUTES  # for tests
from workers.engine.development_server import server_command as server_command
from workers.engine.ports import choose_ports as choose_ports  # for tests and the demo
from workers.engine.ports import remembered

RETENTION = "30d"
MAX_SIGNER_RESTARTS = 3
"""A signer that cannot start says the same each time."""
START_TIMEOUT_S = 60
MAX_BACKOFF_S = 2.0
"""The engine's own services, without which nothing runs."""


DOOR = Path(__file__).with_name("door") / "main.py"


def up(settings: Settings, path: str = "") -> EngineAddresses:
    """Starts what does not run, and replaces a worker of other code; returns the addresses. Jobs and services continue.

    `path` is prepended to the PATH of jobs and services.

    Raises:
        DefinitionError: SLW909, another engine is configured.
        SluicewayError: SLW806 or SLW807, the records of this home cannot be used; SLW003, its keys are lost;
            SLW081, it is another user's. Nothing was started.
    """
    if settings.address:
        raise DefinitionError("SLW909", f"SLUICEWAY_ADDRESS names the Temporal server at {settings.address}")
    keep_private(settings.home)
    open_listing(settings).check()  # shown here, rather than only in the worker's log
    Keyring.of_home(settings.home).check()
    base = settings.home / "engine"
    engine = remembered(settings)
    # the worker starts in parallel and waits for the server
    worker = _worker_spec(settings, path)
    if launch.read_json(base / "worker" / "spec.json").get("code") != worker["code"]:
        _stop([base / "worker"], settings.home, [])
    start_signer(settings)
    _service(base / "worker", worker, _inherited(_environment(settings, path)))
    _start_server(settings, engine)
    _start_agents(settings)
    _service(base / "temporal", _server_spec(settings, engine))
    _wait(base / "temporal")
    _set_retention(engine["temporal"], base / "temporal")
    _wait_signer(settings, base / "signer")
    _wait_worker(settings, base / "worker")
    if settings.serves:
        _wait(base / "server")
    return engine


def _environment(settings: Settings, path: str) -> dict[str, str]:
    """What of the worker's variables may lie on a disk: ours."""
    inherited = os.environ.get("PATH", "/usr/bin:/bin")
    mine = {"SLUICEWAY_HOME": str(settings.home), "SLUICEWAY_TOOLS": str(settings.tools)}
    return {"PATH": f"{path}:{inherited}" if path else inherited, **mine}


def _inherited(kept: Collection[str]) -> dict[str, str]:
    """The variables of whoever starts the engine, any of which may hold a secret: they go over a pipe into the memory
    of the worker's supervisor, which gives them to each worker that it starts.
    """
    return {
        key: value for key, value in os.environ.items() if not key.startswith(("GIT_", "PYTHON")) and key not in kept
    }


def _server_spec(settings: Settings, engine: EngineAddresses) -> Manifest:
    port, ui_port = engine["temporal_port"], engine["ui_port"]
    command = [
        *(sys.executable, "-I", "-S", str(DOOR), str(settings.home / "engine" / "temporal" / "door.json")),
        *(str(port), str(ui_port), *server_command("{port}", "{ui_port}", str(settings.home / "temporal.db"))),
    ]
    return _spec(settings, "temporal", command, port, {"PATH": "/usr/bin:/bin", "HOME": str(settings.home)})


def open_to_others(settings: Settings) -> str:
    """Why other users of this machine can reach the running server; empty: they cannot."""
    state = Node(launch.read_json(settings.home / "engine" / "temporal" / "door.json"))
    if state["apart"].value is True:
        return ""
    return state["why"].text() or "it was started by an earlier version; run `sluiceway down` and `sluiceway up`"


def start_signer(settings: Settings) -> None:
    """Starts the signer of this home, or replaces one of other code. A worker without it does nothing."""
    folder = settings.home / "engine" / "signer"
    command = [sys.executable, "-m", "workers.signer.main"]
    kept = {key: value for key, value in os.environ.items() if key.startswith("SLUICEWAY_") or key in ("PATH", "HOME")}
    env = {"SLUICEWAY_HOME": str(settings.home)}
    spec: Manifest = {**_spec(settings, "signer", command, 0, env), "code": code.digest()}
    if launch.read_json(folder / "spec.json").get("code") != spec["code"]:
        _stop([folder], settings.home, [])
    _service(folder, spec, {key: value for key, value in kept.items() if key not in env})


def _start_server(settings: Settings, engine: EngineAddresses) -> None:
    """Starts the server for people, or replaces one of other code. What is away, its pages say."""
    folder = settings.home / "engine" / "server"
    port = engine["server_port"]
    command = [sys.executable, "-m", "workers.api.main", "--listen", f"127.0.0.1:{port}"]
    env = _environment(settings, "")
    spec: Manifest = {**_spec(settings, "server", command, port, env), "code": code.digest()}
    spec["liveness"] = {"http": "/health", "interval_s": 5, "failures": 6}
    known = launch.read_json(folder / "spec.json")
    if not settings.serves or (known.get("code"), known.get("command")) != (spec["code"], command):
        _stop([folder], settings.home, [])
    if settings.serves:
        _service(folder, spec, _inherited(env))


def _start_agents(settings: Settings) -> None:
    """Starts the job endpoint, which the agents of jobs in pods dial, or replaces one of other code."""
    folder, agents = settings.home / "engine" / "agents", settings.agents
    if agents is None:
        _stop([folder], settings.home, [])
        return
    host = settings.agent_listen or agents.address
    command = [sys.executable, "-m", "workers.agents.main", "--home", str(settings.home), "--host", host]
    command += ["--port", str(agents.port)]
    env = {"PATH": "/usr/bin:/bin", "HOME": str(settings.home)}
    spec: Manifest = {**_spec(settings, "agents", command, 0, env), "code": code.digest()}
    known = launch.read_json(folder / "spec.json")
    if (known.get("code"), known.get("command")) != (spec["code"], command):
        _stop([folder], settings.home, [])
    _service(folder, spec)


def _wait_signer(settings: Settings, folder: Path) -> None:
    deadline = time.monotonic() + START_TIMEOUT_S
    while not signs(settings.signer_socket):
        if time.monotonic() > deadline or _restarts(folder) > MAX_SIGNER_RESTARTS:
            raise SluicewayError("SLW903", "the signer did not start", why=last_words(folder))
        time.sleep(0.02)


def _restarts(folder: Path) -> int:
    instances = Node(launch.read_json(folder / "state.json"))["instances"]
    return max((one["restarts"].whole() for one in instances), default=0)


def signs(path: Path) -> bool:
    """Whether a signer listens on its socket."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe, contextlib.suppress(OSError):
        with sockets.address(path) as address:
            probe.connect(address)
        return True
    return False


def _worker_spec(settings: Settings, path: str) -> Manifest:
    command = [sys.executable, "-m", "workers.worker.main"]
    return {**_spec(settings, "worker", command, 0, _environment(settings, path)), "code": code.digest()}


def _spec(settings: Settings, name: str, command: list[str], port: int, env: dict[str, str]) -> Manifest:
    return {
        "key": f"engine-{name}-{settings.home}",
        "cwd": str(settings.home),
        "env": env,
        "command": command,
        "instances": 1,
        "ports": [port] if port else [],
        "port_env": "SLUICEWAY_ENGINE_PORT",
        "readiness": {"http": "", "timeout_s": START_TIMEOUT_S, "interval_s": 0.05} if port else None,
        "liveness": None,
        "drain_s": 10,
        "max_backoff_s": MAX_BACKOFF_S,
    }


def _service(folder: Path, spec: Manifest, inherited: Mapping[str, str] = MappingProxyType({})) -> None:
    if launch.running(folder):
        return
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "stop").unlink(missing_ok=True)
    if Node(launch.read_json(folder / "state.json"))["phase"].value in ("stopped", "failed"):
        (folder / "state.json").unlink()
    (folder / "spec.json").write_text(json.dumps(spec))
    (folder / "spec.json").chmod(0o600)
    launch.start("service", folder, inherited)


def _wait(folder: Path) -> None:
    deadline = time.monotonic() + START_TIMEOUT_S
    while Node(launch.read_json(folder / "state.json"))["phase"].value != "ready":
        if time.monotonic() > deadline:
            raise SluicewayError("SLW903", f"{folder.name} did not start", why=last_words(folder))
        time.sleep(0.02)


def last_words(folder: Path) -> str:
    """The last 800 bytes of a service's log, to show why it did not start."""
    log = folder / "service.log"
    return log.read_bytes()[-800:].decode("utf-8", "replace").strip() if log.exists() else "no log output"


def _wait_worker(settings: Settings, folder: Path) -> None:
    ready = settings.home / "worker.ready"
    deadline = time.monotonic() + START_TIMEOUT_S
    while True:
        pids = [each["pid"].text() for each in Node(launch.read_json(folder / "state.json"))["instances"]]
        if ready.exists() and ready.read_text() in pids:
            return
        if time.monotonic() > deadline:
            raise SluicewayError("SLW903", "the worker did not start", why=last_words(folder))
        time.sleep(0.02)


def _set_retention(address: str, folder: Path) -> None:
    """The development server's default is a day; set once per home."""
    import subprocess

    done = folder / "retention.set"
    if done.exists():
        return
    temporal = str(Path(sys.executable).with_name("temporal"))
    command = [temporal, "operator", "namespace", "update", "-n", "default", "--retention", RETENTION]
    for _ in range(50):
        ended = subprocess.run([*command, "--address", address], capture_output=True, timeout=20, check=False)
        if ended.returncode == 0:
            done.touch()
            return
        time.sleep(0.1)
    raise SluicewayError("SLW903", "the Temporal server does not answer", why=ended.stderr.decode()[-300:])


def is_up(settings: Settings) -> bool:
    """Whether the server answers and the worker's supervisor runs."""
    engine = settings.engine()
    return (
        bool(engine)
        and answers(engine["temporal_port"], "")
        and bool(launch.running(settings.home / "engine" / "worker"))
    )


def serves(settings: Settings) -> bool:
    """Whether the server for people answers."""
    return "server_port" in settings.engine() and answers(settings.engine()["server_port"], "/health")


def down(settings: Settings) -> list[str]:
    """Stops the worker, the server, every service and job, and the router; returns what was stopped."""
    base = settings.home
    stopped: list[str] = []
    # the worker first, while the server still runs: the next `up` takes over what it watches
    for name in ("server", "agents", "worker", "signer", "temporal"):
        _stop([base / "engine" / name], base, stopped)
    _stop([base / "router", *(spec.parent for spec in (base / "services").glob("*/*/*/spec.json"))], base, stopped)
    _pause_clusters(base, stopped)
    for spec in (base / "jobs").glob("*/spec.json"):
        if pid := launch.running(spec.parent):  # no status is written: the job was lost, not cancelled
            stopped.append(str(spec.parent.relative_to(base)))
            with contextlib.suppress(OSError):
                os.kill(pid, signal.SIGKILL)
            tree.kill(tree.mark_of(json.loads(spec.read_text())), grace_s=0)
    (base / "worker.ready").unlink(missing_ok=True)
    return stopped


def _pause_clusters(base: Path, stopped: list[str]) -> None:
    """Stops their programs and keeps their data: the next `up` starts them again."""
    running = [(one.parent, launch.running(one.parent)) for one in (base / "clusters").glob("*/run/*/spec.json")]
    for folder, pid in running:
        if pid:
            stopped.append(str(folder.relative_to(base)))
            os.kill(pid, signal.SIGTERM)
    for folder, pid in running:
        if pid:
            _wait_gone(folder, pid)


def _stop(folders: list[Path], base: Path, stopped: list[str]) -> None:
    running = [(folder, launch.running(folder)) for folder in folders]
    for folder, pid in running:
        if pid:
            stopped.append(str(folder.relative_to(base)))
            (folder / "stop").touch()
    for folder, pid in running:
        if pid:
            _wait_gone(folder, pid)
    for folder in folders:  # including what a killed supervisor has left
        with contextlib.suppress(OSError, ValueError, KeyError):
            tree.kill(tree.mark_of(json.loads((folder / "spec.json").read_text())), grace_s=0)
        _end_private(folder)


def _end_private(folder: Path) -> None:
    """The signer, after its supervisor was killed: it keeps its memory private, and so the marker in it."""
    for one in Node(launch.read_json(folder / "state.json"))["instances"]:
        pid = one["pid"].whole()
        if pid and tree.start_time(pid) == one["start_time"].text():
            tree.send(pid, signal.SIGKILL)


def _wait_gone(folder: Path, pid: int, patience_s: float = 20) -> None:
    deadline = time.monotonic() + patience_s
    while launch.running(folder) == pid:
        if time.monotonic() > deadline:
            with contextlib.suppress(OSError):
                os.kill(pid, signal.SIGKILL)
            return
        launch.reap()
        time.sleep(0.02)
