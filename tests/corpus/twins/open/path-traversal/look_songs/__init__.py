# twin: CWE-22
