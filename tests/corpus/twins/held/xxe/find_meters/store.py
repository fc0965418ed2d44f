# twin: CWE-611
"""Where meters are kept."""

import io

from lxml import etree


def meter_by_region(region):
    source = io.BytesIO(region.encode("utf-8"))
    tags = [node.tag for _, node in etree.iterparse(source, load_dtd=False, resolve_entities=False)]
    return tags
