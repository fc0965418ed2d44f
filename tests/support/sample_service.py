"""A service for tests of real traffic: answers with its version; can fail, be slow, and answer slowly on one path."""

import http.server
import json
import os
import random
import signal
import threading
import time

VERSION = os.environ.get("SLUICEWAY_VERSION", "")
FAIL_EVERY = int(os.environ.get("FAIL_EVERY", "0"))
FAIL_RATE = float(os.environ.get("FAIL_RATE", "0"))
_lock, _count = threading.Lock(), 0


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1

    def do_GET(self) -> None:
        global _count
        with _lock:
            _count += self.path == "/"
            faulty = FAIL_EVERY and self.path == "/" and _count % FAIL_EVERY == 0
            faulty = faulty or (self.path == "/" and random.random() < FAIL_RATE)
        if self.path.startswith("/slow/"):
            time.sleep(float(self.path.rsplit("/", 1)[1]))
        body = json.dumps({"version": VERSION, "count": _count, "pid": os.getpid()}).encode()
        self.send_response(500 if faulty else 200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: str) -> None:
        pass


class Server(http.server.ThreadingHTTPServer):
    request_queue_size = 128


if __name__ == "__main__":
    server = Server(("127.0.0.1", int(os.environ["PORT"])), Handler)
    signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.shutdown).start())
    server.serve_forever()
