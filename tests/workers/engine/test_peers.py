"""Who is at the other end of a connection."""

import os
import socket

import pytest

from workers.engine.door import peers


def test_a_process_that_closes_files_meanwhile_is_still_known(monkeypatch: pytest.MonkeyPatch) -> None:
    """The server opens and closes connections all the time: the UI's page has a hundred files."""
    gone, read = set[str](), os.readlink

    def first_time_gone(path: str) -> str:
        if path not in gone:
            gone.add(path)
            raise FileNotFoundError(path)
        return read(path)

    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()):
        accepted, _ = server.accept()
        with accepted:
            peer = peers.peer_of(accepted)
            assert peer is not None
            other = f"/proc/{os.getpid()}/fd/0"
            monkeypatch.setattr(os, "readlink", lambda path: first_time_gone(path) if path == other else read(path))
            assert peers._holder(peer.inode) == os.getpid()
    assert gone == {other}
