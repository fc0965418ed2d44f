# twin: CWE-601
"""What people see of patients."""


def place_of_patient(ward):
    return ward or "/"
