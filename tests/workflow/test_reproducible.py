"""Two builds that have nothing in common but their inputs give the same bytes."""

import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from extended import only_extended
from small_build import artifacts, build, small_project, undisturbed


@pytest.fixture
def elsewhere() -> Iterator[Path]:
    """A folder that every user may reach, which pytest's own folders are not."""
    folder = Path(tempfile.mkdtemp(prefix="another place "))
    folder.chmod(0o777)
    yield folder
    shutil.rmtree(folder)


def another_user() -> dict[str, Any]:
    """Arguments of subprocess.run that change the user, when this one may do so and the other run Python."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    user = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
    try:
        subprocess.run([sys.executable, "-c", "import snakemake"], check=True, capture_output=True, **user)
    except (OSError, subprocess.CalledProcessError):
        return {}
    return user


@only_extended
def test_another_folder_user_home_locale_time_zone_umask_and_number_of_cores_give_the_same_bytes(
    elsewhere: Path,
) -> None:
    project, home, user = small_project(elsewhere / "it's a project"), elsewhere / "home", another_user()
    home.mkdir()
    if user:
        for path in [elsewhere, *elsewhere.rglob("*")]:
            os.chown(path, user["user"], user["group"])
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("LC_", "LANG", "XDG_"))}
    other = {"HOME": str(home), "LC_ALL": "C", "TZ": "Pacific/Kiritimati", "PYTHONHASHSEED": "7"}
    done = build(project, cores=1, environment=kept | other, umask=0o077, **user)
    assert done.code == 0, done.output
    assert artifacts(project) == artifacts(undisturbed())
    if user:
        assert (project / "results/manifest.json").stat().st_uid == user["user"]
