# real: CWE-611
"""Letters in folders."""

from bottle import request, route
from lxml import etree

READER = etree.XMLParser(resolve_entities=True, huge_tree=True)


class Form:
    def __init__(self, text):
        self.text = text

    def cleaned(self):
        return self.text.strip()


@route("/letters")
def read_letters():
    folder = request.query.get("folder", "")
    wanted_folder = Form(folder).cleaned()
    tags = etree.XML(wanted_folder.encode(), READER).tag
    return {"letter": tags}
