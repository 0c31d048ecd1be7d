"""The counter's program as a process that starts at once: forked from one that has imported it.

A real process with a real server, which can be killed; only reading the libraries is not repeated.
"""

import multiprocessing
import os
from multiprocessing.process import BaseProcess
from pathlib import Path

_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload(["kiosk.cli", "tests.e2e.forked_kiosk"])


def start(folder: Path) -> BaseProcess:
    """Run the window whose settings lie in this folder."""
    process = _FORKS.Process(target=run, args=(folder,), daemon=True)
    process.start()
    return process


def run(folder: Path) -> None:
    """`kiosk run`, its words going to the folder's log."""
    from kiosk.cli import main

    with (folder / "kiosk.log").open("ab", buffering=0) as log:
        os.dup2(log.fileno(), 1)
        os.dup2(log.fileno(), 2)
        main(["run", "--config", str(folder / "kiosk.toml")], prog_name="kiosk")


def kill(process: BaseProcess) -> None:
    """Without a word, as a power cut does."""
    process.kill()
    process.join(10)
    process.close()
