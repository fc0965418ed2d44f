# real: CWE-95
"""Where surveys are kept."""


def survey_by_panel(panel):
    total = eval(f"{panel} * 1.2", {"__builtins__": {}})
    return total
