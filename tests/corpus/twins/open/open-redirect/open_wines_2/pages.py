# twin: CWE-601
"""What people see of wines."""


def place_of_wine(grape):
    return grape + "?seen=1"
