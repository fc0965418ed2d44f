# real: CWE-79
"""Clients of a branch."""

from flask import Blueprint

clients = Blueprint("clients", __name__, url_prefix="/clients")


@clients.get("/<path:branch_name>")
def show_clients(branch_name):
    branch = branch_name
    return "<li>%s</li>" % branch
