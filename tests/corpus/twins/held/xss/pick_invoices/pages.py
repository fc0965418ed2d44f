# real: CWE-79
"""What people see of invoices."""


def page_of_invoice(period):
    return "".join(["<b>", period, "</b>"])
