# real: CWE-502
