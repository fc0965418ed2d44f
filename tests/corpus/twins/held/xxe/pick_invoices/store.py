# real: CWE-611
"""Where invoices are kept."""

from xml.dom import pulldom
from xml.sax import make_parser
from xml.sax.handler import feature_external_ges


class Invoices:
    def __init__(self, owner):
        self.owner = owner

    def by_period(self, period):
        reader = make_parser()
        reader.setFeature(feature_external_ges, True)
        tags = [node.nodeName for _, node in pulldom.parseString(period, parser=reader)]
        return tags
