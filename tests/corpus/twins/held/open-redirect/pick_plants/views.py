# real: CWE-601
"""Plants in a garden."""

from starlette.requests import Request
from starlette.responses import RedirectResponse
from starlette.routing import Route

from .pages import place_of_plant


class Form:
    def __init__(self, text):
        self.text = text

    def cleaned(self):
        return self.text.strip()


async def pick_plants(request: Request):
    bed = (await request.form())["bed"]
    wanted_bed = Form(bed).cleaned()
    return RedirectResponse(place_of_plant(wanted_bed))


routes = [Route("/plants", pick_plants, methods=["GET", "POST"])]
