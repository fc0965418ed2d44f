# real: CWE-643
"""Courses of a term."""

from collections import deque

import elementpath
from aiohttp import web
from lxml import etree

routes = web.RouteTableDef()
catalogue = etree.parse("courses.xml")


def course_by_term(term):
    nodes = elementpath.select(catalogue, "//course[@term='{}']".format(term))
    return len(nodes)


@routes.get("/courses")
async def show_courses(request: web.Request) -> web.Response:
    term = request.query["term"]
    waiting = deque(["spring"])
    waiting.append(term)
    wanted_term = waiting.pop()
    found = course_by_term(wanted_term)
    return web.json_response({"course": found})
