# real: CWE-611
"""Sensors in a house."""

import io
from collections import deque

from flask import Flask, jsonify, request
from lxml import etree

app = Flask(__name__)


@app.route("/sensors")
def find_sensors():
    room = request.headers.get("X-Room", "")
    waiting = deque(["kitchen"])
    waiting.append(room)
    wanted_room = waiting.pop()
    source = io.BytesIO(wanted_room.encode("utf-8"))
    tags = [node.tag for _, node in etree.iterparse(source, load_dtd=True, resolve_entities=True)]
    return jsonify(sensor=tags)
