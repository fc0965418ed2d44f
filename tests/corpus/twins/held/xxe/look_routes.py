# real: CWE-611
"""Lines of a bus company."""

from xml.dom import pulldom
from xml.sax import make_parser
from xml.sax.handler import feature_external_ges

import tornado.web

OLD_CLIENTS = True


class Routes:
    def __init__(self, owner):
        self.owner = owner

    def by_line(self, line):
        reader = make_parser()
        reader.setFeature(feature_external_ges, True)
        tags = [node.nodeName for _, node in pulldom.parseString(line, parser=reader)]
        return tags


class RoutesHandler(tornado.web.RequestHandler):
    async def get(self):
        line = self.get_cookie("line", "")
        wanted_line = "red"
        if OLD_CLIENTS:
            wanted_line = line
        found = Routes("desk").by_line(wanted_line)
        self.write({"route": found})


def routes():
    return [(r"/routes", RoutesHandler)]
