"""The shop over HTTP: /, /healthz, /price?item=lamp."""

import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from shop.prices import CATALOGUE, with_tax

VERSION = (Path(__file__).parent.parent / "VERSION").read_text().strip()


def healthy() -> bool:
    return bool(CATALOGUE)


def answer(target: str) -> tuple[int, dict[str, object]]:
    """Status and body for a request."""
    url = urlsplit(target)
    if url.path == "/":
        return 200, {"service": "web-shop", "version": VERSION}
    if url.path == "/healthz":
        return (200 if healthy() else 503), {"healthy": healthy()}
    if url.path == "/price":
        item = parse_qs(url.query).get("item", [""])[0]
        if item in CATALOGUE:
            return 200, {"item": item, "cents": with_tax(CATALOGUE[item])}
    return 404, {"error": "not found"}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # unbuffered, each line would be a packet

    def do_GET(self) -> None:
        status, body = answer(self.path)
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: object) -> None:
        pass


class Server(ThreadingHTTPServer):
    request_queue_size = 128


def serve(port: int) -> Server:
    return Server(("127.0.0.1", port), Handler)
