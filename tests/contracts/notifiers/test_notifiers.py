"""What every notifier keeps."""

import json
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest

from activities.notifications.notifiers.log import LogNotifier
from activities.notifications.notifiers.webhook import WebhookNotifier
from activities.notifications.port import Notice, Notifier


class _Sink(BaseHTTPRequestHandler):
    got: list[dict] = []

    def do_POST(self):
        self.got.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self.send_response(200 if self.path == "/ok" else 500)
        self.end_headers()

    def log_message(self, *_):
        pass


@pytest.fixture
def sink():
    server = HTTPServer(("127.0.0.1", 0), _Sink)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


class TestNotifier:
    @pytest.mark.parametrize("where", ["log", "/ok", "/broken", "nowhere"])
    async def test_a_notice_never_fails_the_run(self, tmp_path, sink, where):
        notifiers: dict[str, Notifier] = {
            "log": LogNotifier(tmp_path / "n.jsonl"),
            "nowhere": WebhookNotifier("http://127.0.0.1:9/"),
        }
        notifier = notifiers.get(where) or WebhookNotifier(sink + where)

        await notifier.notify(Notice("approval-asked", "approval/x/1/ok", "please look"))

    async def test_both_channels_carry_the_same_words(self, tmp_path, sink):
        notice = Notice("run-ended", "run/x/1", "passed")
        await LogNotifier(tmp_path / "n.jsonl").notify(notice)
        await WebhookNotifier(sink + "/ok").notify(notice)
        written = json.loads((tmp_path / "n.jsonl").read_text())

        assert {key: written[key] for key in notice.__dict__} == _Sink.got[-1] == notice.__dict__
