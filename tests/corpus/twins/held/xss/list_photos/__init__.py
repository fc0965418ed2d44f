# twin: CWE-79
