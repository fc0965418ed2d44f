"""What a job's checkout holds besides the files of its commit."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class CheckoutSpec:
    """Submodules and the content of LFS files. None: the definition does not say; they are left out, and told."""

    submodules: bool | None = None
    recursive: bool = False
    """Whether submodules of submodules are checked out, too."""
    lfs: bool | None = None
