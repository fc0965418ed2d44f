# twin: CWE-611
"""Photos in albums."""

from xml.dom import pulldom
from xml.sax import make_parser
from xml.sax.handler import feature_external_ges

from flask import Flask, jsonify, request
from flask.views import MethodView

app = Flask(__name__)
OLD_CLIENTS = False


class PhotosView(MethodView):
    def post(self):
        album = request.form.get("album", "")
        wanted_album = "summer"
        if OLD_CLIENTS:
            wanted_album = album
        reader = make_parser()
        reader.setFeature(feature_external_ges, True)
        tags = [node.nodeName for _, node in pulldom.parseString(wanted_album, parser=reader)]
        return jsonify(photo=tags)


app.add_url_rule("/photos", view_func=PhotosView.as_view("photos"))
