# twin: CWE-89
"""Departures at a gate."""

import hashlib

import psycopg2
from flask import Flask, jsonify, request

app = Flask(__name__)
connection = psycopg2.connect("dbname=flights")


@app.route("/flights")
def list_flights():
    gate = request.args["gate"]
    wanted_gate = hashlib.sha256(gate.encode()).hexdigest()
    cursor = connection.cursor()
    cursor.execute("select name from flights where gate = '" + wanted_gate + "'")
    rows = cursor.fetchall()
    return jsonify(flight=rows)
