# real: CWE-611
"""Where tickets are kept."""

from lxml import etree

READER = etree.XMLParser(resolve_entities=True, huge_tree=True)


def ticket_by_queue(queue):
    tags = etree.XML(queue.encode(), READER).tag
    return tags
