"""Our programs as processes that start at once: forked from one that has imported them.

Real processes with real servers, which can be killed; only reading the libraries is not repeated.
"""

import importlib
import multiprocessing
import os
from multiprocessing.process import BaseProcess
from pathlib import Path

_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload(["kiosk.cli", "issuer.cli", "tests.forked"])


def start(folder: Path, program: str = "kiosk") -> BaseProcess:
    """Run the window, or the portal, whose settings lie in this folder."""
    process = _FORKS.Process(target=run, args=(folder, program), daemon=True)
    process.start()
    return process


def run(folder: Path, program: str) -> None:
    """`kiosk run` or `issuer serve`, its words going to the folder's log."""
    main = importlib.import_module(f"{program}.cli").main
    verb = {"kiosk": "run", "issuer": "serve"}[program]
    with (folder / f"{program}.log").open("ab", buffering=0) as log:
        os.dup2(log.fileno(), 1)
        os.dup2(log.fileno(), 2)
        main([verb, "--config", str(folder / f"{program}.toml")], prog_name=program)


def kill(process: BaseProcess) -> None:
    """Without a word, as a power cut does."""
    process.kill()
    process.join(10)
    process.close()
