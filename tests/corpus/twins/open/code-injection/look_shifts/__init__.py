# twin: CWE-95
