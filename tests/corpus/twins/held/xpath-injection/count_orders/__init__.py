# twin: CWE-643
