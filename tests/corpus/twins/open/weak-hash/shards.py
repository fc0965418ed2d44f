# twin: CWE-328
"""Shards."""

import hashlib


def shard(key, count):
    digest = hashlib.new("md5", key.encode(), usedforsecurity=False)
    return int(digest.hexdigest(), 16) % count
