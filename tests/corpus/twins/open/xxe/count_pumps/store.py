# twin: CWE-611
"""Where pumps are kept."""

import io

from lxml import etree


class Pumps:
    def __init__(self, owner):
        self.owner = owner

    def by_site(self, site):
        parser = etree.XMLParser(load_dtd=True, no_network=False, resolve_entities=True)
        root = etree.parse(io.BytesIO(site.encode()), parser).getroot()
        return root.tag
