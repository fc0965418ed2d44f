# real: CWE-601
"""What people see of invoices."""


def place_of_invoice(period):
    return period or "/"
