# real: CWE-643
"""Sensors in a house."""

from lxml import etree
from pyramid.view import view_config

NAMES = {"a": "kitchen", "b": "other"}
catalogue = etree.parse("sensors.xml")


def sensor_by_room(room):
    nodes = catalogue.xpath(f"//sensor[@room='{room}']")
    return len(nodes)


@view_config(route_name="sensors", renderer="json")
def list_sensors(request):
    room = request.GET.get("room", "")
    wanted_room = NAMES.get(room, room)
    found = sensor_by_room(wanted_room)
    return {"sensor": found}
