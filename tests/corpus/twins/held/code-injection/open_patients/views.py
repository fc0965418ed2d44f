# real: CWE-95
"""Patients of a ward."""

from flask import Flask, jsonify, request

from .store import patient_by_ward

app = Flask(__name__)


@app.post("/patients")
def open_patients():
    ward = request.values.get("ward", "")
    found = patient_by_ward(ward)
    return jsonify(patient=found)
