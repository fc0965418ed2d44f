# real: CWE-643
