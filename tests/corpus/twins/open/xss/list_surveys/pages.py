# twin: CWE-79
"""What people see of surveys."""


def page_of_survey(panel):
    return "<p>No survey for " + panel + "</p>"
