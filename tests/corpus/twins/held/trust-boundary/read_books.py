# twin: CWE-501
"""Books of a small library."""

from flask import Flask, jsonify, request, session
from flask.views import MethodView

app = Flask(__name__)


class Form:
    choices = ("fiction", "other")

    def __init__(self, text):
        self.text = text

    def cleaned(self):
        return self.choices[0] if self.text else self.choices[1]


class BooksView(MethodView):
    def post(self):
        shelf = request.json["shelf"]
        wanted_shelf = Form(shelf).cleaned()
        session["shelf"] = "level=" + wanted_shelf
        return jsonify(book="kept")


app.add_url_rule("/books", view_func=BooksView.as_view("books"))
