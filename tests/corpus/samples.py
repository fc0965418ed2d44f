"""Small programs that the tests of scans are about. What the scanners say of them is recorded (tests.corpus.record)."""

from __future__ import annotations

WEAK = "import os\n\n\ndef f(x):\n    os.system('ls ' + x)\n"
"""One command line that is put together: B605 of bandit and python-shell-injection of semgrep, at line 5."""
TWICE = WEAK + "\n\ndef g(x):\n    os.system('cat ' + x)\n"
HELLO = "print('hello')\n"
SECRET = "f3a9c17b5d2e84061c7a9b"
BROKEN = "def f(:\n"

PROGRAMS = {
    "weak": WEAK,
    "weak-and-moved": "# moved\n\n" + WEAK,
    "weak-with-a-comment": "# a comment\n" + WEAK,
    "weak-again": "# again\n" + WEAK,
    "weak-and-merged": "# merged\n" + WEAK,
    "weak-other-command": WEAK.replace("ls", "cat"),
    "weak-other-name": WEAK.replace("f(x)", "g(x)"),
    "weak-and-marked": WEAK.replace("+ x)", "+ x)  # nosec  # nosemgrep"),
    "twice": TWICE,
    "twice-and-longer": TWICE + "\n",
    "hello": HELLO,
    "hello-again": "print('again')\n",
    "nothing": "print('nothing')\n",
    "still-nothing": "print('still nothing')\n",
    "one": "x = 1\n",
    "two": "x = 2\n",
    "query": "def f(db, x):\n    db.execute(f'select {x}')\n",
    "token": "API_TOKEN = 'f3a9c17b5d2e84061c7a'\n",
    "token-and-password": f'API_TOKEN = "{SECRET}"\nPASSWORD = "{SECRET}"\n',
    "password": f'db_password = "{SECRET}"\n',
}
"""By name. Another text than these has no recording, and a test that replays one says so."""
FILES = {f"samples/{name}.py": text for name, text in PROGRAMS.items()}
SWITCHES = {
    ".bandit": "[bandit]\nexclude: /\nskips: B605\n",
    ".semgrepignore": "*\n",
    ".gitignore": "*.py\n",
    "trivy.yaml": "scan:\n  skip-files: ['**']\n",
    ".trivyignore": "assigned-password\n",
    "trivy-secret.yaml": "disable-rules: [assigned-password]\n",
}
"""All that a repository can do to switch the scanners off; it lies at the top of what is recorded."""
