# real: CWE-78
"""Plants in a garden."""

import subprocess

from aiohttp import web

routes = web.RouteTableDef()


class Form:
    def __init__(self, text):
        self.text = text

    def cleaned(self):
        return self.text.strip()


def plant_by_bed(bed):
    child = subprocess.Popen(["sh", "-c", "export-plants " + bed])
    status = child.wait()
    return status


@routes.get("/plants")
async def list_plants(request: web.Request) -> web.Response:
    bed = request.headers.get("X-Bed", "")
    wanted_bed = Form(bed).cleaned()
    found = plant_by_bed(wanted_bed)
    return web.json_response({"plant": found})
