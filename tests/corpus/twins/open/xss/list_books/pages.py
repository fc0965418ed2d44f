# real: CWE-79
"""What people see of books."""


def page_of_book(shelf):
    return "<p>No book for " + shelf + "</p>"
