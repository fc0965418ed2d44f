# twin: CWE-601
"""What people see of photos."""


def place_of_photo(album):
    return album or "/"
