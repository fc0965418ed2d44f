"""The demo's client asks which version answers, also of a router that is being killed."""

import gc
import socket
import threading

import pytest

from workers.demo.load import Load


def _answers_once(listener: socket.socket, said: bytes) -> None:
    link, _ = listener.accept()
    with link:
        link.recv(4096)
        link.sendall(said)


@pytest.mark.parametrize(
    "said", [b"no http\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{", b"HTTP/1.1 200 OK\r\n\r\n[]"]
)
def test_an_answer_that_is_none_says_no_version_and_leaves_no_connection_open(said: bytes, tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = threading.Thread(target=_answers_once, args=(listener, said))
        server.start()

        assert Load(listener.getsockname()[1], "shop.localhost", tmp_path).ask() == ""
        server.join()
    gc.collect()  # a connection left open is told by the suite as a warning of its socket
