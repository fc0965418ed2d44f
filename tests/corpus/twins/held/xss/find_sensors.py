# real: CWE-79
"""Sensors in a house."""

from bottle import request, route

CHOICES = ("kitchen", "other")


@route("/sensors")
def find_sensors():
    room = request.query.get("room", "")
    wanted_room = room
    for choice in CHOICES:
        if wanted_room == choice + "s":
            wanted_room = choice
    return "<td>{}</td>".format(wanted_room)
