"""No committed file names the machine that it was written on, or a package index."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]

# Put together from pieces, so that this file does not hold what it looks for. A user's own folder
# or a temporary one has no place in a published file either: tests have `tmp_path`.
PIECES: Final = {
    "a home folder": (r"(?<![\w.)}\]])/(ro", r"ot|ho", r"me|Us", r"ers)/\w"),
    "a folder of one machine": (r"(?<![\w.)}\]])/(wo", r"rk|op", r"t|sr", r"v|mn", r"t)/\w"),
    "a temporary folder": (r"(?<![\w.)}\]])/t", r"mp\b"),
    "a Windows drive": (r"\b[A-Z]:\\", r"Users"),
    "a package index": (r"(py", r"pi|pyth", r"onhosted|registry\.n", r"pmjs)\.(org|io)"),
    "an index option": (r"--(extra-)?ind", r"ex-url|--find-l", r"inks"),
    "a file address": (r"file:/", r"//"),
}
FORBIDDEN: Final = {name: re.compile("".join(pieces)) for name, pieces in PIECES.items()}


def committed_files() -> list[Path]:
    """Return what git tracks or would track."""
    answer = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],  # noqa: S607
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    paths = [ROOT / name for name in answer.stdout.split("\0") if name]
    return [path for path in paths if path.is_file()]


def text_of(path: Path) -> str:
    """Return the text of a file, or nothing when it is not text."""
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return ""


def test_no_committed_file_names_a_machine_or_an_index() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{number}: {name}: {line.strip()[:80]}"
        for path in committed_files()
        for number, line in enumerate(text_of(path).splitlines(), start=1)
        for name, pattern in FORBIDDEN.items()
        if pattern.search(line)
    ]
    assert found == []


def test_every_text_file_ends_with_one_newline() -> None:
    ragged = [
        str(path.relative_to(ROOT))
        for path in committed_files()
        if (text := text_of(path)) and (not text.endswith("\n") or text.endswith("\n\n"))
    ]
    assert ragged == []
