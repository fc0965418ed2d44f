# real: CWE-502
"""Plants in a garden."""

import base64
import pickle

from flask import Flask, jsonify, request

app = Flask(__name__)


class Plants:
    def __init__(self, owner):
        self.owner = owner

    def by_bed(self, bed):
        found = pickle.loads(base64.b64decode(bed))
        return str(found)


@app.post("/plants")
def read_plants():
    bed = request.form.get("bed", "")
    limit = 42
    if limit * 3 > 100:
        wanted_bed = bed
    else:
        wanted_bed = "herbs"
    found = Plants("desk").by_bed(wanted_bed)
    return jsonify(plant=found)
