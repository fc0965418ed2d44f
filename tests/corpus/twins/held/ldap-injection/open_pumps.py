# twin: CWE-90
"""Pumps at a site."""

import enum

import ldap3
from flask import Flask, jsonify, request

app = Flask(__name__)
link = ldap3.Connection(ldap3.Server("directory.example"), auto_bind=True)


class Kind(enum.Enum):
    USUAL = "west"
    OTHER = "other"


@app.route("/pumps")
def open_pumps():
    site = request.headers.get("X-Site", "")
    wanted_site = Kind(site).value
    pages = link.extend.standard.paged_search("dc=example", f"(memberOf=cn={wanted_site})", paged_size=50)
    people = len(list(pages))
    return jsonify(pump=people)
