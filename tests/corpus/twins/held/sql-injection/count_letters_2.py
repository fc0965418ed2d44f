# real: CWE-89
"""Letters in folders."""

import pymysql
from flask import Flask, jsonify, request

app = Flask(__name__)
connection = pymysql.connect(database="letters")


def checked(text):
    if text.lower() == "all":
        raise ValueError("too many")
    return text


@app.post("/letters")
def count_letters():
    folder = request.form.get("folder", "")
    wanted_folder = checked(folder)
    with connection.cursor() as cursor:
        cursor.execute("select name from letters where folder = '{}'".format(wanted_folder))
        rows = cursor.fetchall()
    return jsonify(letter=rows)
