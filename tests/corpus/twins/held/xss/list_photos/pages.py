# twin: CWE-79
"""What people see of photos."""


def page_of_photo(album):
    return "".join(["<b>", album, "</b>"])
