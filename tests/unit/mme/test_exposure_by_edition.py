"""Several editions in one pass, and the arguments that it refuses."""

from __future__ import annotations

from typing import Any

import pytest

from opsafe import mme
from opsafe.errors import ArgumentError, ArgumentTypeError, EditionNotFoundError
from tests import strategies, tables

RECORDS = strategies.population(5, 40)
YEAR: dict[str, Any] = {"start": "2026-01-01", "end": "2026-12-31", "segments": True}


def test_each_answer_is_that_of_its_edition_alone() -> None:
    editions = ("cdc-2016", ("cdc-2022", "cdc-file-2018"), "nih-heal-2024")
    found = mme.exposure_by_edition(RECORDS, editions=editions, threads=2, **YEAR)
    assert list(found) == ["cdc-2016", "cdc-2022 + cdc-file-2018", "nih-heal-2024"]
    for edition, one in zip(editions, found.values(), strict=True):
        alone = mme.exposure(RECORDS, edition=edition, **YEAR)
        for name in ("members", "set_aside", "flags", "not_opioid", "segments"):
            ours, theirs = getattr(one, name), getattr(alone, name)
            assert tables.rows_of(ours) == tables.rows_of(theirs), name
        assert one.provenance == alone.provenance


def test_a_stream_is_read_once_for_all_editions() -> None:
    table = tables.to_arrow(RECORDS)
    found = mme.exposure_by_edition(table.to_reader(50), editions=["cdc-2016", "cdc-2022"], **YEAR)
    for edition, one in found.items():
        assert one.members.equals(mme.exposure(table, edition=edition, **YEAR).members)


def test_an_edition_object_and_its_id_are_one_edition() -> None:
    with pytest.raises(ArgumentError, match="cdc-2022 is there twice"):
        mme.exposure_by_edition(RECORDS, editions=["cdc-2022", mme.edition("cdc-2022")])


@pytest.mark.parametrize("editions", ["cdc-2022", 7, None, {"cdc-2022"}])
def test_editions_are_a_sequence(editions: Any) -> None:
    with pytest.raises(ArgumentTypeError, match="editions: is not a sequence"):
        mme.exposure_by_edition(RECORDS, editions=editions)


def test_at_least_one_edition_is_given() -> None:
    with pytest.raises(ArgumentError, match="holds no edition"):
        mme.exposure_by_edition(RECORDS, editions=[])


def test_an_edition_that_is_not_there_is_named() -> None:
    with pytest.raises(EditionNotFoundError):
        mme.exposure_by_edition(RECORDS, editions=["cdc-2022", "cdc-1999"])


def test_an_unknown_argument_is_named() -> None:
    wrong: dict[str, Any] = {"edition": "cdc-2022"}
    with pytest.raises(ArgumentTypeError, match="there is no argument edition"):
        mme.exposure_by_edition(RECORDS, editions=["cdc-2022"], **wrong)


@pytest.mark.parametrize("threads", [0, -1, 257])
def test_threads_lie_in_bounds(threads: int) -> None:
    with pytest.raises(ArgumentError, match="threads: lies outside 1 to 256"):
        mme.exposure_by_edition(RECORDS, editions=["cdc-2022"], threads=threads)
    with pytest.raises(ArgumentError, match="threads: lies outside 1 to 256"):
        mme.exposure(RECORDS, edition="cdc-2022", threads=threads)


@pytest.mark.parametrize("threads", [True, 2.0, "2"])
def test_threads_are_a_whole_number(threads: Any) -> None:
    with pytest.raises(ArgumentTypeError, match="threads: is not a whole number"):
        mme.exposure(RECORDS, edition="cdc-2022", threads=threads)


def test_progress_counts_slabs_once_for_all_editions() -> None:
    seen: list[tuple[int, int]] = []
    mme.exposure_by_edition(
        RECORDS,
        editions=["cdc-2016", "cdc-2022"],
        progress=lambda done, total: seen.append((done, total)),
    )
    assert seen == [(done, len(seen)) for done in range(1, len(seen) + 1)]
    assert seen
