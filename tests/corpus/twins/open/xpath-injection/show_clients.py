# twin: CWE-643
"""Clients of a branch."""

from flask import Flask, jsonify, request
from flask.views import MethodView
from lxml import etree

app = Flask(__name__)
catalogue = etree.parse("clients.xml")


class ClientsView(MethodView):
    def post(self):
        branch = request.json["branch"]
        nodes = catalogue.xpath("//client[@branch=$wanted]", wanted=branch)
        return jsonify(client=len(nodes))


app.add_url_rule("/clients", view_func=ClientsView.as_view("clients"))
