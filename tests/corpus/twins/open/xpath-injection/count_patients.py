# real: CWE-643
"""Patients of a ward."""

import tornado.web
from lxml import etree

catalogue = etree.parse("patients.xml")


class PatientsHandler(tornado.web.RequestHandler):
    async def get(self):
        ward = self.get_query_argument("ward", "")
        wanted_ward = ward.strip()
        nodes = catalogue.xpath(f"//patient[@ward='{wanted_ward}']")
        self.write({"patient": len(nodes)})


def routes():
    return [(r"/patients", PatientsHandler)]
