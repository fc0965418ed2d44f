# twin: CWE-643
"""Where parcels are kept."""

import elementpath
from lxml import etree

catalogue = etree.parse("parcels.xml")


def parcel_by_code(code):
    nodes = elementpath.select(catalogue, "//parcel[@code=$wanted]", variables={"wanted": code})
    return len(nodes)
