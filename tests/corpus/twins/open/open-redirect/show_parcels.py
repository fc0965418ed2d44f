# twin: CWE-601
"""Parcels on their way."""

from flask import Flask, redirect, request

app = Flask(__name__)
PLACES = {"home": "/", "parcels": "/parcels"}


@app.route("/parcels")
def show_parcels():
    code = request.args.get("code", "")
    return redirect(PLACES.get(code, "/"))
