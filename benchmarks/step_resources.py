"""Measure memory and time of every program of a build, from which the cluster profiles take their requests.

    python benchmarks/step_resources.py -- snakemake --cores 2 --forceall

Watches the programs of workflow/scripts/ that the command starts, each with its children, five times per
second. Prints a line for each: runs, longest run in seconds, largest resident memory in MB (shared pages
counted for every process). Programs that end within a fifth of a second are not seen. Exit code: the
command's.
"""

import re
import subprocess
import sys
import time

import psutil

INTERVAL_S = 0.2
PROGRAM = re.compile(r"workflow/scripts/(\w+)\.py$")
STARTERS = {"in_environment"}


def program_of(process: psutil.Process) -> str | None:
    """Name of the project's program that a process runs, if it runs one."""
    found = [match[1] for word in process.cmdline()[1:] if (match := PROGRAM.search(word))]
    found = [name for name in found if name not in STARTERS]
    return found[0] if found else None


def memory_of(process: psutil.Process) -> int:
    """Resident bytes of a process and all below it."""
    return sum(one.memory_info().rss for one in [process, *process.children(recursive=True)])


def main() -> int:
    """Run the command, watch, print the table."""
    command = sys.argv[2:] if sys.argv[1:2] == ["--"] else sys.argv[1:]
    if not command or command[0].startswith("-"):
        print(__doc__, file=sys.stderr)
        return 2
    peaks: dict[str, int] = {}
    runs: dict[str, dict[int, float]] = {}
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as build:
        root = psutil.Process(build.pid)
        while build.poll() is None:
            for process in root.children(recursive=True):
                try:
                    name = program_of(process)
                    # A shell between Snakemake and the program has the program in its own command line.
                    if name and process.name().startswith("python"):
                        peaks[name] = max(peaks.get(name, 0), memory_of(process))
                        runs.setdefault(name, {})[process.pid] = time.time() - process.create_time()
                except psutil.NoSuchProcess:
                    continue
            time.sleep(INTERVAL_S)
    print("program,runs,longest_s,peak_mb")
    for name, seconds in sorted(runs.items()):
        print(f"{name},{len(seconds)},{max(seconds.values()):.1f},{peaks[name] / 1e6:.0f}")
    return build.returncode


if __name__ == "__main__":
    sys.exit(main())
