# real: CWE-22
