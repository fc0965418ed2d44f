# real: CWE-78
