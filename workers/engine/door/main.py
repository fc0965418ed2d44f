"""`python -I -S main.py STATE PORT UI_PORT COMMAND…`: starts the server in a network of its own, and is its door.

PORT and UI_PORT are the ports that people and workers use. In COMMAND, `{port}` and `{ui_port}` become the server's.
STATE is written by rename: `{"apart": true}`, or false with `why` where this machine does not allow it.
"""

from __future__ import annotations

import os
import sys

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))))

import signal
import socket
from functools import partial

from activities.supervisor import fast_json as quick
from workers.engine.door import peers
from workers.engine.door.guards import CODE, Grpc, Page
from workers.engine.door.inside import Inside
from workers.engine.door.relay import Guard, Loop, Pair

TYPE_CHECKING = False  # as in typing, without importing it
if TYPE_CHECKING:
    from collections.abc import Callable

WAITING = 256
"""Connections that the kernel holds until they are taken."""


def main() -> None:
    state, port, ui_port, command = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4:]
    outer, ui = _bound(port), _bound(ui_port)
    inside = Inside.start(command, (outer, ui))
    quick.write(state, {"apart": not inside.why, "why": inside.why})
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: inside.stop())
    inside.wait_until_it_answers()
    loop = Loop()
    loop.add(inside.link, lambda _: inside.ended())
    for server, to, guard in ((outer, inside.port, Grpc()), (ui, inside.ui_port, Page(ui_port, inside.ui_port))):
        server.setblocking(False)
        server.listen(WAITING)
        loop.add(server, partial(_accept, server, loop, partial(inside.connect, to), guard))
    loop.run()


def _accept(server: socket.socket, loop: Loop, connect: Callable[[], socket.socket], guard: Guard, events: int) -> None:
    try:
        link, _ = server.accept()
    except OSError:
        return
    peer = peers.peer_of(link)
    if peers.may_enter(peer):
        Pair(loop, link, connect, guard)
        return
    who = f"user {peer.uid}" if peer else "somebody who has gone"
    print(f"{CODE}: refused a connection of {who}", file=sys.stderr, flush=True)
    link.close()


def _bound(port: int) -> socket.socket:
    """Bound, not yet open: who connects now is refused, and comes again."""
    server = socket.socket()
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    server.bind(("127.0.0.1", port))
    return server


main()
