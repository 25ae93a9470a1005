"""The keys of files in the scheduler's table: built and read only here.

    FILE#<load>#<hash>    FILE                    the latest version of a key that was noted
    FILES#<load>          HEAD                    the claim of the manifest in the making
    FILES#<load>          BATCH#<id>              files that wait for a manifest
    FILES#<load>          MANIFEST#<occurrence>   a manifest that was handed to the load
    FILES#<load>          ASIDE#<hash>            a file set aside

A FILE has a partition of its own: 10,000 files in a burst share no partition's 1,000 writes a second.
"""

import hashlib

from scheduler.state.keys import Key

BATCH = "BATCH#"
ASIDE = "ASIDE#"


def partition(load: str) -> str:
    """The partition of what waits for a load."""
    return f"FILES#{load}"


def file_key(load: str, bucket: str, key: str) -> Key:
    """The item of an object."""
    return Key(f"FILE#{load}#{_hash(bucket, key)}", "FILE")


def head_key(load: str) -> Key:
    """The item that at most one claim stands in."""
    return Key(partition(load), "HEAD")


def batch_key(load: str, batch: str) -> Key:
    """The item of a batch."""
    return Key(partition(load), f"{BATCH}{batch}")


def manifest_key(load: str, occurrence: str) -> Key:
    """The item of a manifest."""
    return Key(partition(load), f"MANIFEST#{occurrence}")


def aside_key(load: str, bucket: str, key: str) -> Key:
    """The item of a file set aside."""
    return Key(partition(load), f"{ASIDE}{_hash(bucket, key)}")


def _hash(bucket: str, key: str) -> str:
    """Names objects: a bucket's name has no `/`, and a key may have 1,024 bytes, as many as a sort key."""
    return hashlib.sha256(f"{bucket}/{key}".encode()).hexdigest()[:40]
