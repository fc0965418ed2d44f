"""Serves on 127.0.0.1:$PORT until SIGTERM."""

import os
import signal
import threading

from shop.web import serve

server = serve(int(os.environ["PORT"]))
signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.shutdown).start())
server.serve_forever()
server.server_close()
