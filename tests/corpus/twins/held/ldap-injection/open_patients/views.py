# real: CWE-90
"""Patients of a ward."""

from flask import Flask, jsonify, request

from .store import patient_by_ward

app = Flask(__name__)


@app.route("/patients")
def open_patients():
    ward = request.cookies.get("ward", "")
    found = patient_by_ward(ward)
    return jsonify(patient=found)
