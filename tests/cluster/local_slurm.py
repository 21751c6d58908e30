"""A Slurm cluster of one node on this machine's loopback address, for tests that run real jobs.

Debian's packages slurmctld, slurmd, slurm-client and munge, and root: slurmd starts jobs as their user. The
configuration lies in /etc/slurm, where every job looks for it. A node by itself, no accounting, no privileges
beyond this machine; never started where /etc/slurm holds somebody else's configuration.
"""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import psutil

CONFIGURATION = Path("/etc/slurm/slurm.conf")
OURS = "# one node for tests"

_TEMPLATE = """{ours}
ClusterName=tests
SlurmctldHost={host}(127.0.0.1)
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket
SlurmUser=root
SlurmdUser=root
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
JobAcctGatherType=jobacct_gather/linux
JobAcctGatherFrequency=1
JobAcctGatherParams=OverMemoryKill
AccountingStorageType=accounting_storage/none
CommunicationParameters=NoInAddrAny,NoCtldInAddrAny
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.log
ReturnToService=2
SlurmdTimeout=6
SchedulerParameters=sched_interval=1,batch_sched_delay=0,sched_min_interval=0
MinJobAge=300
NodeName={host} NodeAddr=127.0.0.1 CPUs={cores} RealMemory={memory} State=UNKNOWN
PartitionName=main Nodes={host} Default=YES MaxTime=INFINITE State=UP OverSubscribe=NO
"""


def missing() -> str | None:
    """Say why no node can be started here, or None."""
    if os.geteuid() != 0:
        return "starting a Slurm node needs root"
    lacking = [
        name
        for name in ("munged", "mungekey", "slurmctld", "slurmd", "sbatch", "squeue")
        if not shutil.which(name)
    ]
    if lacking:
        return f"not installed: {', '.join(lacking)}"
    if CONFIGURATION.exists() and not CONFIGURATION.read_text().startswith(OURS):
        return f"{CONFIGURATION} is another cluster's"
    return None


@contextmanager
def running_node(folder: Path) -> Iterator["Node"]:
    """Start munge, the controller and one node; end what was started and every job, whatever happens."""
    for name in ("state", "spool"):
        (folder / name).mkdir(parents=True)
    host = socket.gethostname().split(".")[0]
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20 * 9 // 10
    settings = {"ours": OURS, "host": host, "folder": folder, "cores": os.cpu_count(), "memory": memory}
    with ExitStack() as ending:
        CONFIGURATION.parent.mkdir(exist_ok=True)
        ending.callback(CONFIGURATION.unlink)
        CONFIGURATION.write_text(_TEMPLATE.format(**settings))
        ending.callback(_end, folder / "munged.pid")
        files = [f"--{name}-file={folder}/munged.{name}" for name in ("pid", "log", "seed")]
        _run("mungekey", "--create", f"--keyfile={folder}/munge.key")
        # --force: only root may look into pytest's folders, and munged wants a socket that all can reach.
        _run("munged", "--force", *files, f"--key-file={folder}/munge.key", f"--socket={folder}/munge.socket")
        ending.callback(_end, folder / "slurmctld.pid")
        _run("slurmctld")
        node = Node(folder, host)
        ending.callback(node.cut_power)
        node.start()
        yield node


class Node:
    """The node's daemon, whose power may be cut and come back."""

    def __init__(self, folder: Path, host: str) -> None:
        self._folder, self._host = folder, host

    def start(self) -> None:
        """Start it and wait until it takes jobs."""
        _run("slurmd", "-N", self._host)
        self._until({"idle", "mixed", "allocated"})

    def until_missed(self) -> None:
        """Wait until the controller has noticed that the node is gone."""
        self._until({"down", "down*"})

    def _until(self, states: set[str]) -> None:
        for _ in range(300):
            shown = subprocess.run(["sinfo", "-h", "-o", "%T"], capture_output=True, text=True, check=False)
            if shown.stdout.strip() in states:
                return
            time.sleep(0.1)
        raise RuntimeError(f"the node is not {min(states)}: {shown.stdout} {shown.stderr}")

    def cut_power(self) -> None:
        """End the daemon and every process of its jobs, at once and without a word to the controller."""
        _end(self._folder / "slurmd.pid")
        for process in self._of_jobs():
            with suppress(psutil.NoSuchProcess):
                process.kill()

    def _of_jobs(self) -> list[psutil.Process]:
        """The processes that watch this node's jobs, known by the log they write to, and all below them."""
        log = str(self._folder / "slurmd.log")
        found = []
        for process in psutil.process_iter(["name"]):
            with suppress(psutil.NoSuchProcess):
                if process.info["name"] == "slurmstepd" and any(f.path == log for f in process.open_files()):
                    found += [process, *process.children(recursive=True)]
        return found


def _run(*command: str) -> None:
    done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{command[0]} does not start: {done.stderr}")


def _end(pid_file: Path) -> None:
    if pid_file.exists():
        with suppress(psutil.NoSuchProcess):
            process = psutil.Process(int(pid_file.read_text()))
            process.kill()
            process.wait(10)
        pid_file.unlink(missing_ok=True)
