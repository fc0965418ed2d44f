# twin: CWE-90
"""Plants in a garden."""

import ldap3
from flask import Flask, jsonify, request

app = Flask(__name__)
link = ldap3.Connection(ldap3.Server("directory.example"), auto_bind=True)


def plant_by_bed(bed):
    query = "(&(objectClass=person)(sn=" + bed + "))"
    link.search(search_base="dc=example", search_filter=query)
    people = len(link.entries)
    return people


@app.post("/plants")
def read_plants():
    bed = request.form["bed"]
    words = ["all", bed, "herbs"]
    words.pop(0)
    wanted_bed = words[1]
    found = plant_by_bed(wanted_bed)
    return jsonify(plant=found)
