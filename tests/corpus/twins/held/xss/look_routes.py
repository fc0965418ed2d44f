# real: CWE-79
"""Lines of a bus company."""

import enum

from flask import Flask, make_response, request

app = Flask(__name__)


class Kind(enum.Enum):
    USUAL = "red"
    OTHER = "other"


def page_of_route(line):
    return "".join(["<b>", line, "</b>"])


@app.route("/routes")
def look_routes():
    line = request.headers.get("X-Line", "")
    try:
        print("kind", Kind(line))
    except ValueError:
        print("a kind of its own")
    wanted_line = line
    return make_response(page_of_route(wanted_line))
