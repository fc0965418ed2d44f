# real: CWE-95
"""Reports in a layout."""

from dataclasses import dataclass

from flask import Flask, jsonify, request

app = Flask(__name__)


@dataclass
class Wanted:
    kind: str
    text: str


@app.route("/reports")
def count_reports():
    layout = request.cookies.get("layout", "")
    wanted = Wanted("plain", layout)
    wanted_layout = wanted.text
    total = eval(compile("({})".format(wanted_layout), "reports", "eval"), {"max": max, "min": min})
    return jsonify(report=total)
