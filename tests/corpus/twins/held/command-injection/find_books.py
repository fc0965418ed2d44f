# twin: CWE-78
"""Books of a small library."""

import subprocess
import uuid

from flask import Flask, jsonify, request
from flask.views import MethodView

app = Flask(__name__)


def book_by_shelf(shelf):
    status = subprocess.check_output("du -sh /srv/books/{}".format(shelf), shell=True).decode()
    return status


class BooksView(MethodView):
    def post(self):
        shelf = request.form.get("shelf", "")
        wanted_shelf = str(uuid.UUID(shelf))
        found = book_by_shelf(wanted_shelf)
        return jsonify(book=found)


app.add_url_rule("/books", view_func=BooksView.as_view("books"))
