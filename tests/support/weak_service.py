"""A service with a hole: what a visitor sends comes back as HTML. With STRONG set it is escaped. Nothing else is there."""

import html
import http.server
import os
import signal
import threading
import urllib.parse

PAGE = '<html><body><a href="/greet?name=you">greet</a></body></html>'


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        asked = urllib.parse.urlsplit(self.path)
        name = urllib.parse.parse_qs(asked.query).get("name", [""])[0]
        name = html.escape(name) if os.environ.get("STRONG") else name
        pages = {"/": PAGE, "/healthz": "ok", "/greet": f"<html><body>Good day, {name}</body></html>"}
        body = pages.get(asked.path, "there is no such page").encode()
        self.send_response(200 if asked.path in pages else 404)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: str) -> None:
        pass


if __name__ == "__main__":
    server = http.server.ThreadingHTTPServer((os.environ.get("HOST", "127.0.0.1"), int(os.environ["PORT"])), Handler)
    signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.shutdown).start())
    server.serve_forever()
