# real: CWE-79
"""Plants in a garden."""

from flask import Flask, request

from .pages import page_of_plant

app = Flask(__name__)


@app.post("/plants")
def list_plants():
    bed = request.values.get("bed", "")
    chosen = {"bed": bed}
    chosen.setdefault("bed", "herbs")
    wanted_bed = chosen["bed"]
    return page_of_plant(wanted_bed), 201
