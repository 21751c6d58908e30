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
from contextlib import contextmanager
from pathlib import Path

CONFIGURATION = Path("/etc/slurm/slurm.conf")
OURS = "# one node for tests"

_TEMPLATE = """{ours}
ClusterName=tests
SlurmctldHost={host}(127.0.0.1)
AuthType=auth/munge
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
        name for name in ("munged", "slurmctld", "slurmd", "sbatch", "squeue") if not shutil.which(name)
    ]
    if lacking:
        return f"not installed: {', '.join(lacking)}"
    if CONFIGURATION.exists() and not CONFIGURATION.read_text().startswith(OURS):
        return f"{CONFIGURATION} is another cluster's"
    return None


@contextmanager
def running_node(folder: Path) -> Iterator["Node"]:
    """Start munge, the controller and one node; end them all, and their jobs, afterwards."""
    for name in ("state", "spool"):
        (folder / name).mkdir(parents=True)
    host = socket.gethostname().split(".")[0]
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20 * 9 // 10
    CONFIGURATION.parent.mkdir(exist_ok=True)
    CONFIGURATION.write_text(
        _TEMPLATE.format(ours=OURS, host=host, folder=folder, cores=os.cpu_count(), memory=memory)
    )
    node = Node(folder, host)
    subprocess.run(["service", "munge", "start"], check=True, capture_output=True)
    subprocess.run(["slurmctld"], check=True)
    node.start()
    try:
        yield node
    finally:
        subprocess.run(["scancel", "--user=root"], check=False)
        node.stop()
        _end(folder / "slurmctld.pid")
        CONFIGURATION.unlink()


class Node:
    """The node's daemon, which may be ended and started again."""

    def __init__(self, folder: Path, host: str) -> None:
        self._folder, self._host = folder, host

    def start(self) -> None:
        """Start it and wait until it takes jobs."""
        subprocess.run(["slurmd", "-N", self._host], check=True)
        for _ in range(300):
            shown = subprocess.run(["sinfo", "-h", "-o", "%T"], capture_output=True, text=True, check=False)
            if shown.stdout.strip() in {"idle", "mixed", "allocated"}:
                return
            time.sleep(0.1)
        raise RuntimeError(f"the node does not come up: {shown.stdout} {shown.stderr}")

    def stop(self) -> None:
        """End it as a power cut would; its jobs end too."""
        for pattern in ("slurmstepd",):
            subprocess.run(["pkill", "-KILL", pattern], check=False)
        _end(self._folder / "slurmd.pid")


def _end(pid_file: Path) -> None:
    if pid_file.exists():
        subprocess.run(["kill", "-KILL", pid_file.read_text().strip()], check=False)
        time.sleep(0.5)
        pid_file.unlink(missing_ok=True)
