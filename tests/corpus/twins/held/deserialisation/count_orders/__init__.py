# twin: CWE-502
