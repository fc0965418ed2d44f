# real: CWE-79
"""What people see of plants."""


def page_of_plant(bed):
    return "".join(["<b>", bed, "</b>"])
