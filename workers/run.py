"""Kept for one release: homes of the previous engine start their worker by this name."""

from workers.worker.main import main

if __name__ == "__main__":
    main()
