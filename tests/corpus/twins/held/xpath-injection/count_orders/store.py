# twin: CWE-643
"""Where orders are kept."""

import elementpath
from lxml import etree

catalogue = etree.parse("orders.xml")


def order_by_status(status):
    nodes = elementpath.select(catalogue, "//order[@status=$wanted]", variables={"wanted": status})
    return len(nodes)
