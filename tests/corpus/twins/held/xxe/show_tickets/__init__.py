# real: CWE-611
