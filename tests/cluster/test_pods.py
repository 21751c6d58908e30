"""A real build in stand-ins for pods: empty folders that share nothing but a bucket."""

import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from cluster_builds import ended_well, start
from local_s3 import BUCKET, running_store
from test_object_storage import of_stored

from small_build import ROOT, artifacts, small_project, undisturbed
from snapml_ocr.convert.environment import FOLDER_VARIABLE, python_in

pytestmark = pytest.mark.cluster


def test_pods_that_share_nothing_but_a_bucket_make_the_bytes_of_a_local_build(tmp_path: Path) -> None:
    project = small_project(tmp_path / "project")
    # The sources that pods get are the files that git knows.
    subprocess.run("git init -q && git add -A", shell=True, cwd=project, check=True)
    pod = shlex.join([sys.executable, str(Path(__file__).with_name("pod.py"))])
    arguments = ["--executor", "cluster-generic", "--cluster-generic-submit-cmd", f"{pod} start"]
    arguments += ["--cluster-generic-status-cmd", f"{pod} status", "--jobs", "2"]
    arguments += ["--default-storage-prefix", f"s3://{BUCKET}/pods", "--seconds-between-status-checks", "1"]
    environments = python_in(ROOT / "envs/paddle.lock").parents[2]
    with running_store() as store:
        variables = {**store.environment, "PODS": str(tmp_path / "pods"), FOLDER_VARIABLE: str(environments)}
        output = ended_well(start(project, "kubernetes", *arguments, environment=variables))
        assert of_stored(store, "pods") == artifacts(undisturbed())
    assert output.count("Submitted ") == len(list((tmp_path / "pods").iterdir())) == 4
