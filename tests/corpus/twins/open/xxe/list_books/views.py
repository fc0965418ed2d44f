# real: CWE-611
"""Books of a small library."""

from flask import Blueprint, jsonify

from .store import Books

books = Blueprint("books", __name__, url_prefix="/books")
NAMES = {"a": "fiction", "b": "other"}


@books.get("/<path:shelf_name>")
def list_books(shelf_name):
    shelf = shelf_name
    wanted_shelf = NAMES.get(shelf, shelf)
    found = Books("desk").by_shelf(wanted_shelf)
    return jsonify(book=found)
