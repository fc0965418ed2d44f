# real: CWE-79
