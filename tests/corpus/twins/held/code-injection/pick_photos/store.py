# real: CWE-95
"""Where photos are kept."""


def photo_by_album(album):
    names = {}
    exec("value = %s" % album, names)
    total = names["value"]
    return total
