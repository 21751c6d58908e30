"""Where this workflow's own files lie, and where its artifacts go, when another workflow uses it as a module."""

import os
from contextlib import suppress
from pathlib import Path


def checkout():
    """The folder of this checkout: empty when builds run in it, so that commands name short paths."""
    here = workflow.current_basedir
    # Of github(…) and the like Snakemake keeps a clone without files, and programs are more than its rules.
    folder = Path(here.get_path_or_uri(secret_free=True)).parents[1] if here.is_local else checked_out(here)
    return Path() if folder.samefile(Path.cwd()) else folder


def checked_out(hosted):
    """A checkout of the commit that a module names, beside Snakemake's clone of the repository."""
    repository = hosted.hosted_repo
    commit = repository.repo.commit(hosted.ref).hexsha
    folder = Path(f"{repository.repo_clone}.checkouts", commit)
    if not folder.is_dir():
        part = Path(f"{folder}.{os.getpid()}")
        repository.repo.clone(part, shared=True, no_checkout=True).git.checkout(commit)
        with suppress(OSError):  # another process was faster
            part.rename(folder)
    return folder


PROJECT = checkout()
# What the other workflow puts before the paths of artifacts.
PREFIX = workflow.modifier.path_modifier.prefix or ""


def run_programs_of_checkout():
    """Let commands start the programs of this checkout; called when all rules are known.

    A command cannot ask where they lie: Snakemake prints it with the names of the other workflow. It keeps a command
    twice, to print and in the function that runs it.
    """
    for one in workflow.modifier.rules if PROJECT.name else []:
        if one.shellcmd:
            one.shellcmd, code = in_checkout(one.shellcmd), one.run_func.__code__
            one.run_func.__code__ = code.replace(co_consts=tuple(map(in_checkout, code.co_consts)))


def in_checkout(command):
    """A command that starts programs of this checkout; anything else as it is."""
    scripts = "workflow/scripts/"
    return command.replace(scripts, f"{PROJECT / scripts}/") if isinstance(command, str) else command
