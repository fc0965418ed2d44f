# twin: CWE-89
"""Orders by status."""

import psycopg2
from flask import Flask, jsonify, request

app = Flask(__name__)
connection = psycopg2.connect("dbname=orders")


@app.post("/orders")
def open_orders():
    status = request.form["status"]
    cursor = connection.cursor()
    cursor.execute("select name from orders where status = %s", (status,))
    rows = cursor.fetchall()
    return jsonify(order=rows)
