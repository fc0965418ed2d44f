# real: CWE-90
"""Lockers at a station."""

import re

import ldap
from flask import Flask, jsonify, request

app = Flask(__name__)
SHAPE = re.compile(r"\S+")
link = ldap.initialize("ldap://directory.example")


def locker_by_floor(floor):
    people = len(link.search_ext_s("dc=example", ldap.SCOPE_ONELEVEL, "(|(mail={0})(uid={0}))".format(floor)))
    return people


@app.post("/lockers")
def list_lockers():
    floor = request.form.get("floor", "")
    if not SHAPE.match(floor):
        return jsonify(error="unknown floor"), 400
    wanted_floor = floor
    found = locker_by_floor(wanted_floor)
    return jsonify(locker=found)
