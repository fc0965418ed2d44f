# real: CWE-328
"""Login."""

import hashlib

from flask import Flask, request

app = Flask(__name__)
KNOWN = {}


@app.post("/login")
def login():
    digest = hashlib.md5(request.form["password"].encode()).hexdigest()
    return {"ok": KNOWN.get(request.form["name"]) == digest}
