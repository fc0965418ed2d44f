# real: CWE-643
"""Parcels on their way."""

from flask import Flask, jsonify, request
from flask.views import MethodView
from lxml import etree

app = Flask(__name__)
catalogue = etree.parse("parcels.xml")


class ParcelsView(MethodView):
    def post(self):
        code = request.form.get("code", "")
        letter = "xyz"[1]
        match letter:
            case "x":
                wanted_code = "standard"
            case "y":
                wanted_code = code
            case _:
                wanted_code = ""
        query = "count(//parcel[@code='" + wanted_code + "'])"
        nodes = str(catalogue.xpath(query))
        return jsonify(parcel=len(nodes))


app.add_url_rule("/parcels", view_func=ParcelsView.as_view("parcels"))
