"""Kept for one release: running jobs of the previous engine start their next step by this path."""

import runpy
from pathlib import Path

if __name__ == "__main__":
    runpy.run_path(str(Path(__file__).parents[1] / "jobs" / "executors" / "docker" / "step.py"), run_name="__main__")
