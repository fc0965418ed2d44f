# real: CWE-89
