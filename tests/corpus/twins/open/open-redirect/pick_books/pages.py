# real: CWE-601
"""What people see of books."""


def place_of_book(shelf):
    return shelf + "?seen=1"
