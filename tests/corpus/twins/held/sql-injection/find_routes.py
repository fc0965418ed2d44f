# real: CWE-89
"""Lines of a bus company."""

import pymysql
from flask import Flask, jsonify, request

app = Flask(__name__)
connection = pymysql.connect(database="routes")


@app.route("/routes")
def find_routes():
    line = request.headers.get("X-Line", "")
    letter = "xyz"[1]
    match letter:
        case "x":
            wanted_line = "red"
        case "y":
            wanted_line = line
        case _:
            wanted_line = ""
    with connection.cursor() as cursor:
        cursor.execute("select name from routes where line = '{}'".format(wanted_line))
        rows = cursor.fetchall()
    return jsonify(route=rows)
