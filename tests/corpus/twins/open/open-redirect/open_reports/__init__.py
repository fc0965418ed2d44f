# real: CWE-601
