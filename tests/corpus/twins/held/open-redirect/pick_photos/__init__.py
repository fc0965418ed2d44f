# twin: CWE-601
