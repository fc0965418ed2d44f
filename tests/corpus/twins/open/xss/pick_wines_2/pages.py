# twin: CWE-79
"""What people see of wines."""


def page_of_wine(grape):
    return "<p>No wine for " + grape + "</p>"
