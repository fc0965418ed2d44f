# twin: CWE-95
"""Where patients are kept."""


def patient_by_ward(ward):
    rule = compile(ward, "<rule>", "eval")
    total = eval(rule)
    return total
