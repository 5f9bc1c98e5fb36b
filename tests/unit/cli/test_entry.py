"""The way into the command: version, help, and what it says where an extra is missing."""

from __future__ import annotations

import subprocess
import sys

import pytest

import opsafe
from opsafe.cli import main
from tests.unit.cli.conftest import Run, Write


def test_the_version_is_said(run: Run) -> None:
    assert run("--version").stdout.strip() == f"opsafe {opsafe.__version__}"


@pytest.mark.parametrize("words", [("--help",), ("mme", "--help"), ("mme", "summarize", "--help")])
def test_help_is_given(run: Run, words: tuple[str, ...]) -> None:
    found = run(*words)
    assert found.exit_code == 0
    assert "Usage" in found.stdout


@pytest.mark.parametrize("library", ["typer", "rich", "pyarrow"])
def test_a_missing_extra_is_named_with_the_line_to_type(
    library: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    told = capsys.readouterr().err
    assert f"needs {library}, which is not installed" in told
    assert "pip install 'opsafe[cli]'" in told


def test_a_program_runs_it_without_a_terminal(write: Write) -> None:
    program = "from opsafe.cli import main; main()"
    found = subprocess.run(
        [sys.executable, "-c", program, "mme", "summarize", write(), "--edition", "cdc-2022"],
        capture_output=True,
        text=True,
        check=True,
        encoding="utf-8",
    )
    assert "D4 largest day" in found.stdout
    assert "\x1b" not in found.stdout
    assert found.stderr == ""


def test_importing_the_face_loads_no_library_of_an_extra() -> None:
    program = (
        "import sys, opsafe.cli\n"
        "print(*({'typer', 'rich', 'pyarrow', 'matplotlib'} & set(sys.modules)))"
    )
    found = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert found.stdout.split() == []
