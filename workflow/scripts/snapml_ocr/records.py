"""What Snakemake knows about results: its records of what made them, and their dates."""

import os
import shlex
import shutil
import time
from contextlib import suppress
from pathlib import Path

from snapml_ocr.errors import UserError

RECORDS = ("metadata", "incomplete")
"""Folders of `.snakemake` in which each output has a file that says what it was made from."""

OLDEST = (1, 1)
"""A second into 1970; Snakemake takes the date 0 for none."""

CLOCK_TOLERANCE_S = 10.0
"""A file server's clock may be that much ahead of ours without anybody noticing."""


def keep_records_with(results: Path, workdir: Path) -> None:
    """Make Snakemake's records of `workdir` lie in the folder `results`, so that they go where it is copied.

    Without them Snakemake has only dates to go by, and those of a fresh checkout are newer than any result.
    Records of an older build are moved.
    """
    kept = results / ".snakemake"
    for name in RECORDS:
        link = workdir / ".snakemake" / name
        (kept / name).mkdir(parents=True, exist_ok=True)
        if link.is_dir() and not link.is_symlink():
            shutil.copytree(link, kept / name, dirs_exist_ok=True)
            shutil.rmtree(link)
        link.parent.mkdir(parents=True, exist_ok=True)
        with suppress(FileExistsError):
            link.symlink_to(os.path.relpath(kept / name, link.parent))


def distrust_future_dates(results: Path) -> list[Path]:
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
