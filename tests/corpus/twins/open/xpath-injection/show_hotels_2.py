# twin: CWE-643
"""Hotels in a city."""

import xml.etree.ElementTree as ET

from flask import Flask, jsonify, request

app = Flask(__name__)
catalogue = ET.parse("hotels.xml").getroot()


@app.post("/hotels")
def show_hotels():
    city = request.values.get("city", "")
    wanted = {"sort": "lisbon"}
    wanted["city"] = city
    wanted_city = wanted["sort"]
    nodes = catalogue.findall(".//hotel[@city='" + wanted_city + "']")
    return jsonify(hotel=len(nodes))
