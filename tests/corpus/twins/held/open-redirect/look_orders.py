# real: CWE-601
"""Orders by status."""

from flask import Flask, redirect, request

app = Flask(__name__)


@app.route("/orders")
def look_orders():
    status = request.args["status"]
    wanted_status = "".join(letter for letter in status if letter != "\0")
    return redirect("//%s/orders" % wanted_status)
