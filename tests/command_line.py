"""What a test sees of a command line that ran, and one that runs without root's rights."""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[1]


@dataclass(frozen=True)
class Ran:
    """What a command line did."""

    code: int
    out: str
    err: str

    @property
    def said(self) -> str:
        """The one line on standard error; fails when it is none, or several."""
        assert self.err.count("\n") == 1, self.err
        assert self.err.startswith("gazette: "), self.err
        return self.err.strip()


def run_bounded(*arguments: str, **env: str) -> Ran:
    """The command line in a process without the right of root to write everywhere."""
    done = subprocess.run(
        _bounded(sys.executable, "-m", "rag.cli", *arguments),
        capture_output=True,
        text=True,
        check=False,
        timeout=180,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY), **env},
    )
    return Ran(done.returncode, done.stdout, done.stderr)


def _bounded(*command: str) -> list[str]:
    if os.geteuid():
        return list(command)
    if not shutil.which("setpriv"):
        pytest.skip("needs setpriv to give up root's rights")
    return ["setpriv", "--bounding-set=-dac_override,-dac_read_search", "--inh-caps=-all", *command]
