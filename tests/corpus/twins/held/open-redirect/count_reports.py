# twin: CWE-601
"""Reports in a layout."""

from collections import deque

from flask import Flask, redirect, request

app = Flask(__name__)


@app.route("/reports")
def count_reports():
    layout = request.args["layout"]
    waiting = deque(["plain"])
    waiting.append(layout)
    wanted_layout = waiting.popleft()
    return redirect("//%s/reports" % wanted_layout)
