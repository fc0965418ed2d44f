# twin: CWE-89
"""Patients of a ward."""

import psycopg
from flask import Blueprint, jsonify

patients = Blueprint("patients", __name__, url_prefix="/patients")
CHOICES = ("general", "other")


class Patients:
    def __init__(self, owner):
        self.owner = owner

    def by_ward(self, ward):
        with psycopg.connect("dbname=patients") as link:
            query = "delete from patients where ward = '%s'" % ward
            rows = link.execute(query).rowcount
        return rows


@patients.get("/<path:ward_name>")
def open_patients(ward_name):
    ward = ward_name
    for choice in CHOICES:
        if choice == ward:
            wanted_ward = choice
            break
    else:
        return jsonify(error="unknown ward"), 404
    found = Patients("desk").by_ward(wanted_ward)
    return jsonify(patient=found)
