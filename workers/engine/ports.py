"""The ports of a home's engine: chosen once, written to its file, and used again by each `up`."""

from __future__ import annotations

import json

from activities.supervisor import launch
from activities.supervisor.service import answers, free_port
from domain.access.entrance import local_url
from workers.core.settings import EngineAddresses, Settings


def remembered(settings: Settings) -> EngineAddresses:
    """Those of the last `up`; others when there was none, or when another program uses one of them now."""
    engine = settings.engine()
    if not engine or _others_have_ours(settings, engine):
        return choose_ports(settings)
    if "server_port" not in engine:  # an earlier version had no server for people
        _write(settings, with_server(engine, free_port()))
    return settings.engine()


def _others_have_ours(settings: Settings, engine: EngineAddresses) -> bool:
    """After a reboot another program may use this engine's ports."""
    ours = [*(settings.home / "engine" / name for name in ("temporal", "server")), settings.home / "router"]
    if any(launch.running(folder) for folder in ours):
        return False
    ports = [engine["temporal_port"], engine["ui_port"], engine["router_port"], engine["router_api_port"]]
    return any(answers(port, "") for port in [*ports, *([engine["server_port"]] if "server_port" in engine else [])])


def choose_ports(settings: Settings) -> EngineAddresses:
    """Chooses free ports for this home's engine and writes them to its file."""
    ports: set[int] = set()
    while len(ports) < 5:
        ports.add(free_port())
    temporal, ui, web, api, server = ports
    engine: EngineAddresses = {
        "temporal": f"127.0.0.1:{temporal}",
        "temporal_ui": f"http://127.0.0.1:{ui}",
        "temporal_port": temporal,
        "ui_port": ui,
        "router_port": web,
        "router_api_port": api,
    }
    engine = with_server(engine, server)
    _write(settings, engine)
    return engine


def with_server(engine: EngineAddresses, port: int) -> EngineAddresses:
    """With the port of the server for people, and the URL that they open."""
    added: EngineAddresses = {"server_port": port, "server": local_url(port)}
    return {**engine, **added}


def _write(settings: Settings, engine: EngineAddresses) -> None:
    settings.engine_file.write_text(json.dumps(engine, indent=1))
