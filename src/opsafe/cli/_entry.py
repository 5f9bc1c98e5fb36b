"""The way in: says what to install where typer, rich or pyarrow are missing."""

from __future__ import annotations

import sys
from importlib.util import find_spec
from io import TextIOWrapper

from opsafe.errors import MissingExtraError

__all__ = ["main"]


def main() -> None:
    """Run the command ``opsafe``.

    Raises
    ------
    SystemExit
        Always: 0 where it went well, 2 where an argument or the data cannot be used.

    Notes
    -----
    ``opsafe --help`` lists the commands.
    """
    for stream in (sys.stdout, sys.stderr):
        # A character that a terminal lacks must not end a run of an hour.
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")
    absent = [name for name in ("typer", "rich", "pyarrow") if find_spec(name) is None]
    if absent:
        missing = MissingExtraError(
            f"the command needs {', '.join(absent)}, which is not installed",
            where="opsafe",
            advice="Run: pip install 'opsafe[cli]'",
        )
        sys.stderr.write(f"{missing}\n")
        sys.exit(2)
    from opsafe.cli._app import app  # noqa: PLC0415

    app()
