"""Which Parquet files a caller means: a file, a folder, a pattern, a list of them."""

from __future__ import annotations

import glob
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote

from opsafe.errors import ArgumentError, ArgumentTypeError

__all__ = ["FoundFile", "find_files"]

_ENDINGS: Final = (".parquet", ".parq", ".pq")
_NOTHING: Final = "__HIVE_DEFAULT_PARTITION__"


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A file and what is known of it from outside."""

    path: Path
    name: str
    """Its name below the folder that all files share."""
    size: int
    changed: int
    """Nanoseconds of its last change."""
    folders: tuple[tuple[str, str | None], ...]
    """Columns that its folders say: ``year=2025/month=3``."""


def find_files(source: Any, *, where: str, apart_from: Path) -> tuple[FoundFile, ...]:
    """Find the files that a path, a pattern, a folder or a list of these means, in order of name.

    Parameters
    ----------
    source : path, or sequence of paths
        Files, folders (searched to their bottom), or patterns such as ``claims/*.parquet``.
    where : str
        The argument, for messages.
    apart_from : Path
        A folder of ours, whose files are never meant.

    Raises
    ------
    ArgumentError
        If there are none, or one is there twice.
    """
    several = isinstance(source, Sequence) and not isinstance(source, str | bytes)
    sources = list(source) if several else [source]
    if not all(isinstance(one, str | os.PathLike) for one in sources):
        raise ArgumentTypeError(
            "is not a path, or a list of paths",
            where=where,
            advice="mme.exposure takes frames and streams",
        )
    ours = apart_from.resolve()
    found: dict[Path, tuple[Path, Path]] = {}
    for one in sources:
        for path, root in _paths(Path(one)):
            resolved = path.resolve()
            if ours in resolved.parents:
                continue
            if resolved in found:
                raise ArgumentError("names a file twice", where=where, value=str(path))
            found[resolved] = path, root
    if not found:
        raise ArgumentError(
            f"there are no Parquet files in {', '.join(map(str, sources))}"[:300], where=where
        )
    shared = Path(os.path.commonpath([path.parent for path in found]))
    files = [
        _file(path, resolved.relative_to(shared).as_posix(), path.relative_to(root))
        for resolved, (path, root) in found.items()
    ]
    return tuple(files) if several else tuple(sorted(files, key=lambda file: file.name))


def _paths(path: Path) -> Iterator[tuple[Path, Path]]:
    """Files of one path, and the folder below which their folders' names are columns."""
    if path.is_dir():
        below = sorted(path.rglob("*"))
        for one in below:
            hidden = any(part.startswith(("_", ".")) for part in one.relative_to(path).parts)
            if one.suffix.lower() in _ENDINGS and one.is_file() and not hidden:
                yield one, path
    elif path.is_file():
        yield path, Path(path.anchor)
    elif glob.has_magic(str(path)):
        for name in sorted(glob.glob(str(path), recursive=True)):  # noqa: PTH207 - absolute too
            yield from _paths(Path(name))


def _file(path: Path, name: str, told: Path) -> FoundFile:
    stat = path.stat()
    pairs = [part.partition("=") for part in told.parts[:-1] if "=" in part]
    folders = {
        unquote(key): None if value == _NOTHING else unquote(value) for key, _, value in pairs
    }
    return FoundFile(path, name, stat.st_size, stat.st_mtime_ns, tuple(folders.items()))
