#!/bin/sh
# Sets up .venv (the engine) and .venv/tools/* (one environment per scanner) from the hash-locked lists.
# Does nothing when the locks have not changed. Usage: deploy/setup.sh [engine|dev]
set -eu
cd "$(dirname "$0")/.."
flavour=${1:-engine}
python=${PYTHON:-python3}
"$python" - <<'P' || { echo "sluiceway: Python 3.11.4 or later is needed as python3 (or set PYTHON=/path/to/python3.x)" >&2; exit 2; }
import sys
sys.exit(sys.version_info < (3, 11, 4))  # the first that unpacks archives by filters (PEP 706)
P
stamp=.venv/.stamp-$flavour
want=$(cat deploy/locks/*.txt pyproject.toml deploy/setup.sh deploy/tools | cksum)
if [ "$(cat "$stamp" 2>/dev/null || true)" = "$want" ]; then exit 0; fi

started=$(date +%s)
[ -x .venv/bin/python ] || "$python" -m venv .venv
[ -x .venv/bin/uv ] || .venv/bin/pip install -q --disable-pip-version-check --require-hashes -r deploy/locks/uv.txt
uv=.venv/bin/uv
UV_LINK_MODE=${UV_LINK_MODE:-copy}; export UV_LINK_MODE
# Compiled once here, rather than by each process where PYTHONDONTWRITEBYTECODE is set: half a second a command.
UV_COMPILE_BYTECODE=1 UV_COMPILE_BYTECODE_TIMEOUT=600; export UV_COMPILE_BYTECODE UV_COMPILE_BYTECODE_TIMEOUT
"$uv" pip install -q --python .venv/bin/python --require-hashes -r "deploy/locks/$flavour.txt"
# hatchling, which the editable install needs, is locked with the development tools; a .pth file does the same without it
site=$(.venv/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
pwd > "$site/sluiceway.pth"
cat > .venv/bin/sluiceway <<S
#!$(pwd)/.venv/bin/python
from workers.cli.main import main
main()
S
chmod +x .venv/bin/sluiceway

deploy/tools bandit semgrep trivy
[ "$flavour" != dev ] || deploy/tools wapiti || [ $? = 3 ]  # 3: there is no Python for it here, and its tests say so
echo "$want" > "$stamp"
echo "set up in $(( $(date +%s) - started )) s"
