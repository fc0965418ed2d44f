# twin: CWE-611
"""Where invoices are kept."""

import io

from lxml import etree


class Invoices:
    def __init__(self, owner):
        self.owner = owner

    def by_period(self, period):
        parser = etree.XMLParser(load_dtd=True, no_network=False, resolve_entities=True)
        root = etree.parse(io.BytesIO(period.encode()), parser).getroot()
        return root.tag
