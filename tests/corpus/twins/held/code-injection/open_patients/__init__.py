# real: CWE-95
