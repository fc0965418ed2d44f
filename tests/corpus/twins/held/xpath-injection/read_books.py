# real: CWE-643
"""Books of a small library."""

import io
import xml.etree.ElementTree as ET

from flask import Blueprint, jsonify

books = Blueprint("books", __name__, url_prefix="/books")
catalogue = ET.parse("books.xml")


class Books:
    def __init__(self, owner):
        self.owner = owner

    def by_shelf(self, shelf):
        nodes = list(catalogue.iterfind(f"./book[shelf='{shelf}']/name"))
        return len(nodes)


@books.get("/<path:shelf_name>")
def read_books(shelf_name):
    shelf = shelf_name
    page = io.StringIO()
    page.write(shelf)
    wanted_shelf = page.getvalue()
    found = Books("desk").by_shelf(wanted_shelf)
    return jsonify(book=found)
