# real: CWE-95
"""Where patients are kept."""


def patient_by_ward(ward):
    keep = eval("lambda row: " + ward)
    total = len([row for row in range(9) if keep(row)])
    return total
