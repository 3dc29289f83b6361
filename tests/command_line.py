"""What a test sees of a command line that ran."""

from dataclasses import dataclass


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
