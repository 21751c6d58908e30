"""Cut a dataset into shards that stay the same when other images change."""

import hashlib
import os
import re
from collections.abc import Iterable, Sequence
from pathlib import Path


def shard(images: Iterable[str], size: int) -> dict[str, list[str]]:
    """Spread image names over shards of about `size` images, by name, sorted.

    A name always falls into the same of N shards, and N is a power of two, so that adding, removing or
    changing one image touches one shard (until the number of images passes the next power of two times
    `size`). The names of the shards are "001-of-004"; empty ones are left out. Raises ValueError for a size
    below one.
    """
    if size < 1:
        raise ValueError(f"a shard has at least one image, not {size}")
    names = sorted(set(images))
    count = 1
    while count * size < len(names):
        count *= 2
    digits = max(3, len(str(count)))
    shards: dict[str, list[str]] = {}
    for name in names:
        index = int.from_bytes(hashlib.sha256(name.encode("utf-8")).digest()[:8], "big") % count
        shards.setdefault(f"{index + 1:0{digits}}-of-{count:0{digits}}", []).append(name)
    return dict(sorted(shards.items()))


def pattern_of_shards(files: Sequence[str | Path]) -> str:
    """Return one glob pattern for the predictions of all shards, since a command line takes no thousands."""
    return str(files[0]) if len(files) == 1 else re.sub(r"[^/]+(-of-\d+\.jsonl)$", r"*\1", str(files[0]))


def state_of_files(paths: Sequence[str | Path]) -> str:
    """Return one hexadecimal SHA-256 of names, sizes and dates of files, where there are too many to read.

    Dates count in whole seconds, as most tools copy them.
    """
    digest = hashlib.sha256()
    for path in paths:
        stat = Path(path).stat()
        digest.update(os.fsencode(path) + f"\0{stat.st_size} {int(stat.st_mtime)}\n".encode())
    return digest.hexdigest()
