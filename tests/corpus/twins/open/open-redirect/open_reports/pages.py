# real: CWE-601
"""What people see of reports."""


def place_of_report(layout):
    return layout + "?seen=1"
