"""The repository that chaos carries to production, again and again: its definition, its service, its effects."""

from __future__ import annotations

from pathlib import Path

SERVICE = (Path(__file__).parents[1] / "support" / "sample_service.py").read_text()
EFFECT = """import os, sys, urllib.request
key = "/".join([os.environ["SLUICEWAY_PIPELINE"], os.environ["SLUICEWAY_RUN"], os.environ["SLUICEWAY_JOB"], sys.argv[1]])
urllib.request.urlopen(f"{os.environ['LEDGER']}/{key}", timeout=20).close()
"""
START = """import os, runpy, urllib.request
key = f"start/{os.environ['LEDGER_NAME']}/{os.environ['SLUICEWAY_VERSION']}"
urllib.request.urlopen(f"{os.environ['LEDGER']}/{key}", timeout=20).close()
runpy.run_path("service.py", run_name="__main__")
"""
LINES = 40
DEFINITION = """apiVersion: sluiceway/v1
kind: Pipeline
name: {name}
concurrency: chaos
env: {{LEDGER: "{ledger}", LEDGER_NAME: {name}}}
jobs:
  build:
    artifacts: {{out: {{app: [start.py, service.py, blob]}}}}
    run:
      - python3 effect.py first
      - i=0; while [ $i -lt {lines} ]; do i=$((i+1)); echo "line $i"; sleep 0.03; done
      - python3 effect.py second
      - head -c {blob} /dev/urandom > blob
  scan:
    needs: build
    scan: {{tools: [bandit]}}
  gate:
    needs: scan
    gate: {{fail-on: critical}}
  ok:
    needs: gate
    approval: {{users: [approver]}}
  ship:
    needs: ok
    environment: {environment}
    env: {{FAIL_RATE: "{fail_rate}"}}
    deploy:
      service: {service}
      version: "{version}"
      artifact: build.app
      command: [python3, start.py]
      instances: 2
      readiness: {{http: /healthz}}
      drain: 2s
      rollback-window: 0
      {strategy}
  tell:
    needs: ship
    run: python3 effect.py told
"""
STRATEGIES = {
    "canary": "strategy: canary\n      analysis: {tick: 0.5, min-dwell: 2s, max-dwell: 60s, warm-up: 60s, first-weight: 10,"
    " steps: [50], budget: 0.05}",
    "blue-green": "strategy: blue-green\n      analysis: false",
}
STRATEGIES["faulty"] = STRATEGIES["canary"]
STEPS = {"build": ("first", "second"), "tell": ("told",)}
"""Job to its effects, each of which is to happen once."""


def files(kind: str, name: str, version: int, ledger: str, blob_bytes: int) -> dict[str, str]:
    text = DEFINITION.format(
        name=name,
        ledger=ledger,
        lines=LINES,
        blob=blob_bytes,
        service=name,
        environment=f"{name}-production",
        version=version,
        fail_rate="0.3" if kind == "faulty" else "0",
        strategy=STRATEGIES[kind],
    )
    many = {f"src/part{index}.py": f"value = {index}\n" for index in range(150)}
    return {"sluiceway.yaml": text, "service.py": SERVICE, "start.py": START, "effect.py": EFFECT, **many}
