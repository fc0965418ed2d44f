"""Kept for one release: homes that the engine before made start their worker by this name."""

from workers.worker.main import main

if __name__ == "__main__":
    main()
