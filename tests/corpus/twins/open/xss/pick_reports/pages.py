# real: CWE-79
"""What people see of reports."""


def page_of_report(layout):
    return "<p>No report for " + layout + "</p>"
