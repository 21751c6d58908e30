"""A stand-in for a pod: an empty folder and the environment's variables that a profile names, nothing else.

    python pod.py start JOBSCRIPT    print the pod's number, which is its folder in $PODS
    python pod.py status NUMBER      print running, success or failed

What a container's image would hold is read from where it lies: the packages of this Python, and with
`POD_ROOT`, the root folder of an image, all programs (then chroot is used, and root needed).
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

PASSED = ("SNAPML_OCR_ENVIRONMENTS", "SNAPML_OCR_MIRROR")
"""With which the tests' image finds its locked environments, and local rules find weights."""


def start(jobscript: Path) -> str:
    """Start a pod that lives on when this process ends; its exit code will lie in its folder."""
    root = os.environ.get("POD_ROOT")
    pods = Path(root, "tmp/pods") if root else Path(os.environ["PODS"])
    pods.mkdir(exist_ok=True, parents=True)
    folder = Path(tempfile.mkdtemp(dir=pods))
    work = folder / "work"
    work.mkdir()
    shutil.copyfile(jobscript, folder / "job.sh")
    inside = Path("/", folder.relative_to(root)) if root else folder
    variables = {"HOME": f"{inside}/work", "TMPDIR": "/tmp"}
    if root:
        folder.chmod(0o755)
        os.chown(work, 1000, 1000)
        start_in = ["chroot", "--userspec=1000:1000", root]
        variables |= {
            "PATH": "/opt/ocr/.venv/bin:/usr/bin:/bin",
            "SNAPML_OCR_ENVIRONMENTS": "/opt/ocr/environments",
        }
    else:
        start_in = []
        variables |= {"PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin"}
        variables |= {name: os.environ[name] for name in PASSED if name in os.environ}
    command = ["env", "-i", *(f"{name}={value}" for name, value in variables.items())]
    shell = f"cd {inside}/work && sh ../job.sh"
    waiting = f'"$@" > {folder}/log 2>&1; echo $? > {folder}/code.part; mv {folder}/code.part {folder}/code'
    subprocess.Popen(
        ["sh", "-c", waiting, "sh", *start_in, *command, "sh", "-c", shell],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    return str(folder)


def status(folder: Path) -> str:
    """What has become of a pod."""
    code = folder / "code"
    if not code.exists():
        return "running"
    if code.read_text().strip() == "0":
        return "success"
    sys.stderr.write((folder / "log").read_text())
    return "failed"


if __name__ == "__main__":
    print(start(Path(sys.argv[2])) if sys.argv[1] == "start" else status(Path(sys.argv[2])))
