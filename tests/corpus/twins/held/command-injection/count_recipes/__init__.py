# twin: CWE-78
