"""Files that are there whole or not at all, and a seal to recognise them by."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final, NamedTuple

from opsafe.errors import FileError

__all__ = [
    "UNFINISHED",
    "Seal",
    "read_json",
    "remove",
    "seal_of",
    "write_json",
    "write_text",
    "write_whole",
    "writing",
]

UNFINISHED: Final = ".unfinished"
"""Ending of what is being written; its name begins with a stop, so that readers pass it by."""


class Seal(NamedTuple):
    """What a finished file is recognised by."""

    size: int
    sha256: str


def seal_of(path: Path) -> Seal | None:
    """Read a file through; None if it is not there or cannot be read."""
    try:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
            return Seal(file.tell(), digest)
    except OSError:
        return None


def write_whole(path: Path, write: Callable[[Path], None]) -> Seal:
    """Let something write a file beside ``path``, bring it to the disk, then give it the name.

    Raises
    ------
    FileError
        If the disk is full or refuses; what stood at ``path`` stands as before.
    """
    unfinished = path.with_name(f".{path.name}{UNFINISHED}")
    with writing(path):
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            write(unfinished)
            with unfinished.open(
                "r+b"
            ) as file:  # some systems bring to disk only what may be written
                os.fsync(file.fileno())
                digest = hashlib.file_digest(file, "sha256").hexdigest()
                seal = Seal(file.tell(), digest)
            os.replace(unfinished, path)  # noqa: PTH105 - the one call that a crash may interrupt
        except BaseException:
            with suppress(OSError):
                unfinished.unlink(missing_ok=True)
            raise
        _settle(path.parent)
    return seal


def write_json(path: Path, data: Any) -> None:
    """Write plain data as JSON, whole or not at all."""
    write_text(path, json.dumps(data, indent=1))


def write_text(path: Path, text: str) -> Seal:
    """Write a text, whole or not at all."""

    def write(unfinished: Path) -> None:
        unfinished.write_text(text, encoding="utf-8")

    return write_whole(path, write)


def read_json(path: Path) -> Any:
    """Read JSON; None if the file is not there or damaged."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


def remove(path: Path) -> None:
    """Remove a file or a folder with all it holds, if it is there."""
    with writing(path):
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turn what the system says into an error that names the file and what to do."""
    try:
        yield
    except FileError:
        raise
    except OSError as error:
        raise FileError(
            f"cannot be written: {error.strerror or type(error).__name__}",
            where=str(path),
            advice="Finished parts are kept: see that there is room and leave to write, "
            "and run the same again",
        ) from error


def _settle(folder: Path) -> None:
    """Bring the new name itself to the disk, where the system lets us."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
