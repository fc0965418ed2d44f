# real: CWE-90
