# real: CWE-601
"""What people see of plants."""


def place_of_plant(bed):
    return bed or "/"
