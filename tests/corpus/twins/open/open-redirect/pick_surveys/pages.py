# twin: CWE-601
"""What people see of surveys."""


def place_of_survey(panel):
    return panel + "?seen=1"
