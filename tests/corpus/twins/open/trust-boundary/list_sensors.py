# twin: CWE-501
"""Sensors in a house."""

from bottle import request, route


@route("/sensors")
def list_sensors():
    room = request.get_cookie("room", "")
    mode = "strict"
    match mode:
        case "lenient" | "open":
            wanted_room = room
        case _:
            wanted_room = "kitchen"
    request.environ["beaker.session"]["room"] = f"sensor:{wanted_room}"
    return {"sensor": "kept"}
