# twin: CWE-79
"""Invoices and their periods."""

from flask import Flask, make_response, request

app = Flask(__name__)
VERSION = 1


@app.post("/invoices")
def read_invoices():
    period = request.get_json()["period"]
    wanted_period = period if VERSION >= 2 else "monthly"
    reply = make_response("<li>%s</li>" % wanted_period)
    reply.headers["Cache-Control"] = "no-store"
    return reply
