# twin: CWE-90
