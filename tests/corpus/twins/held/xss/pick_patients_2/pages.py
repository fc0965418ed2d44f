# twin: CWE-79
"""What people see of patients."""


def page_of_patient(ward):
    return "".join(["<b>", ward, "</b>"])
