"""Maps the address of a store to its adapter."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from activities.storage.port import Store
from activities.storage.stores.folder import FolderStore
from domain.core.errors import DefinitionError

if TYPE_CHECKING:
    from obstore.store import S3Config

CONNECT_TIMEOUT_S = 3
REQUEST_TIMEOUT_S = 60


def open_store(address: str, folder: Path, endpoint: str = "") -> Store:
    """`s3://BUCKET/PREFIX`, or a folder; empty: the home's own. Credentials and region come from the environment, as
    for every S3 client (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_REGION, or the machine's role).

    Raises:
        DefinitionError: unsupported address.
    """
    if not address:
        return FolderStore(folder)
    parts = urlsplit(address)
    if parts.scheme in ("", "file"):
        return FolderStore(Path(parts.path))
    if parts.scheme != "s3" or not parts.netloc:
        fix = "write s3://BUCKET/PREFIX, or a folder"
        raise DefinitionError("SLW503", f"SLUICEWAY_STORE is '{address}', which is not the address of a store", fix=fix)
    return _bucket(parts.netloc, parts.path.strip("/"), endpoint, folder)


def _bucket(name: str, prefix: str, endpoint: str, folder: Path) -> Store:
    """Imports the library lazily: most homes use a folder."""
    from obstore.store import S3Store as Bucket

    from activities.storage.stores.s3 import S3Store

    config: S3Config = {"virtual_hosted_style_request": False, "checksum_algorithm": "SHA256"}
    if endpoint:
        config["endpoint"] = endpoint
    bucket = Bucket(
        name,
        prefix=prefix or None,
        config=config,
        client_options={
            "allow_http": endpoint.startswith("http://"),
            "connect_timeout": f"{CONNECT_TIMEOUT_S}s",
            "timeout": f"{REQUEST_TIMEOUT_S}s",
        },
        retry_config={"max_retries": 2},
    )
    return S3Store(bucket, FolderStore(folder), folder / "partial")
