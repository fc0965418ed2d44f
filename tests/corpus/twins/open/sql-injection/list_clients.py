# real: CWE-89
"""Clients of a branch."""

import psycopg2
from flask import Blueprint, jsonify

clients = Blueprint("clients", __name__, url_prefix="/clients")
connection = psycopg2.connect("dbname=clients")


def client_by_branch(branch):
    cursor = connection.cursor()
    cursor.execute("select name from clients where branch = '" + branch + "'")
    rows = cursor.fetchall()
    return rows


@clients.get("/<path:branch_name>")
def list_clients(branch_name):
    branch = branch_name
    found = client_by_branch(branch)
    return jsonify(client=found)
