"""The commands `opsafe mme editions` and `opsafe mme compare`."""

from __future__ import annotations

from pathlib import Path

import pytest

from opsafe import mme
from tests.unit.cli.conftest import Run


def test_every_edition_is_listed(run: Run) -> None:
    found = run("mme", "editions")
    assert found.exit_code == 0
    for edition in mme.editions():
        assert edition.id in found.stdout
    assert "2022-11-03" in found.stdout  # the last day of cdc-2016


@pytest.mark.parametrize("edition", mme.editions(), ids=lambda edition: edition.id)
def test_an_edition_is_shown_with_its_factors_and_citation(
    run: Run, edition: mme.ConversionEdition
) -> None:
    found = run("mme", "editions", edition.id)
    assert found.exit_code == 0
    assert edition.citation() in found.stdout
    for ingredient in edition.ingredients():
        assert ingredient in found.stdout


def test_an_edition_of_ones_own_is_shown_as_it_is_written(run: Run, tmp_path: Path) -> None:
    source = Path(mme.__file__).with_name("data") / "editions" / "cdc-2022.toml"
    text = source.read_text(encoding="utf-8").replace('"cdc-2022"', '"our-plan"')
    text = text.replace('kind = "published"', 'kind = "local"')
    text = text.replace('title = "', 'title = "[bold]Ours[/bold] :pill: ', 1)
    own = tmp_path / "own.toml"
    own.write_text(text, encoding="utf-8")
    found = run("mme", "editions", own)
    assert found.exit_code == 0
    assert "our-plan  [bold]Ours[/bold] :pill: " in found.stdout
    assert "local, in force from" in found.stdout


def test_an_unknown_edition_is_answered_with_the_nearest(run: Run) -> None:
    found = run("mme", "editions", "cdc-2o22")
    assert found.exit_code == 2
    assert "cdc-2022" in found.stderr


def test_compare_shows_what_changed(run: Run) -> None:
    found = run("mme", "compare", "cdc-2016", "cdc-2022")
    assert found.exit_code == 0
    (line,) = [line for line in found.stdout.splitlines() if line.startswith("  hydromorphone")]
    assert line.split() == [
        *("hydromorphone", "oral", "any", "4", "per", "mg", "5", "per", "mg", "changed", "1.25"),
    ]
    assert "oxycodone" not in found.stdout
    assert mme.edition("cdc-2016").citation() in found.stdout


def test_compare_shows_everything_when_asked(run: Run) -> None:
    found = run("mme", "compare", "cdc-2016", "cdc-2022", "--all")
    (line,) = [line for line in found.stdout.splitlines() if line.startswith("  oxycodone")]
    assert "same" in line
