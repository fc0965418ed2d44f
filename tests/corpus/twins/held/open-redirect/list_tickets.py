# real: CWE-601
"""Tickets of the help desk."""

from flask import Flask, redirect, request

app = Flask(__name__)


@app.post("/tickets")
def list_tickets():
    queue = request.form.get("queue", "")
    return redirect("//%s/tickets" % queue, code=303)
