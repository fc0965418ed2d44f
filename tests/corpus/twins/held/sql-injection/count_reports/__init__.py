# twin: CWE-89
