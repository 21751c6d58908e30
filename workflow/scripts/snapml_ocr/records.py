"""What Snakemake knows about each artifact: kept beside the artifacts, so that both can be copied together.

From the records it can tell that nothing changed; without them a copied `results/` would be built anew.
"""

import os
import shlex
import shutil
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from snapml_ocr.errors import UserError

RECORDS = ("metadata", "incomplete")
"""Folders of `.snakemake` that speak about outputs; the others are locks, logs and caches."""

OLDEST = (1.0, 1.0)
"""Access and modification time in seconds since 1970; 0 is taken for no date by some tools."""

CLOCK_TOLERANCE_S = 60
"""Servers of shared file systems have clocks of their own."""


def link_records(results: Path, workdir: Path) -> None:
    """Let Snakemake in `workdir`, where it has no records, find those of `results`, if there are any."""
    for name in RECORDS:
        kept, link = results / ".snakemake" / name, workdir / ".snakemake" / name
        if link.is_symlink() and not link.exists():  # the results were removed, and the records with them
            link.unlink()
        if kept.is_dir() and not link.exists():
            link.parent.mkdir(parents=True, exist_ok=True)
            with suppress(FileExistsError):
                link.symlink_to(os.path.relpath(kept, link.parent))


def keep_records_with(results: Path, workdir: Path) -> None:
    """Keep the records of builds in `workdir` in `results`; those of an older build are moved."""
    for name in RECORDS:
        kept, link = results / ".snakemake" / name, workdir / ".snakemake" / name
        kept.mkdir(parents=True, exist_ok=True)
        if link.is_dir() and not link.is_symlink():
            shutil.copytree(link, kept, dirs_exist_ok=True)
            shutil.rmtree(link)
    link_records(results, workdir)


def reset_future_mtimes(results: Path) -> list[Path]:
    """Give results whose date lies in the future the oldest date there is, and return them.

    They were made before the clock was set back. With the oldest date every input is newer, and so compared
    by content; with the date they have, no change would be noticed until the clock gets there.
    """
    limit = time.time() + CLOCK_TOLERANCE_S
    found = []
    for folder, _, names in os.walk(results):
        for name in names:
            path = Path(folder, name)
            with suppress(FileNotFoundError):
                if path.lstat().st_mtime > limit:
                    os.utime(path, OLDEST, follow_symlinks=False)
                    found.append(path)
    return found


def require_cache(location: str | None, *, in_storage: bool) -> None:
    """Raise `UserError` unless $SNAKEMAKE_OUTPUT_CACHE, `location`, is a folder that can be written to.

    Snakemake itself ends with a traceback, or after the first job. `in_storage` it is an address, which the
    storage plugin looks at.
    """
    if not location:
        wrong = "is not set; say where: export SNAKEMAKE_OUTPUT_CACHE=/path/to/cache"
    elif in_storage:
        return
    elif not Path(location).is_dir():
        wrong = f"names {location}, which is no folder; mkdir -p {shlex.quote(location)}"
    elif not os.access(location, os.W_OK):
        wrong = f"names {location}, which cannot be written to"
    else:
        return
    raise UserError(f"--cache needs the variable SNAKEMAKE_OUTPUT_CACHE, which {wrong}")


def local_copies(settings: Any) -> Path:
    """Where Snakemake keeps the local copies of what it has in the default storage.

    `settings` are its storage settings, of which this takes provider, prefix (as `s3://bucket/folder`) and
    the folder of all copies.
    """
    provider, prefix = settings.default_storage_provider, settings.default_storage_prefix or ""
    return Path(settings.local_storage_prefix, provider, prefix.partition("://")[2])


def link_results(results: Path, copies: Path) -> None:
    """Make `results` a link to the local `copies` of a storage, so that the same paths hold with and without.

    Raises `UserError` where a build without storage has left a folder of that name.
    """
    if results.is_dir() and not results.is_symlink():
        raise UserError(
            f"{results} is a folder of a build without storage; move it away, or build in another folder"
        )
    copies.mkdir(parents=True, exist_ok=True)
    if not results.is_symlink() or results.readlink() != copies:
        results.unlink(missing_ok=True)
        results.symlink_to(copies)
