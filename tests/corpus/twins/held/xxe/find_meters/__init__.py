# twin: CWE-611
