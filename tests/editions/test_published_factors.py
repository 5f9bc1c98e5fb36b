"""Every factor against the figures as they were read, and no factor beside them."""

from __future__ import annotations

import csv
from collections import defaultdict
from decimal import Decimal
from pathlib import Path

import pytest

from opsafe.mme.editions import ConversionEdition, edition, editions
from opsafe.mme.factors import LinearFactor, NoFactor, PatchFactor, TieredFactor

PATH = Path(__file__).parents[1] / "published" / "conversion_factors.csv"
with PATH.open(encoding="utf-8", newline="") as lines:
    PRINTED = list(csv.DictReader(lines))

# Rows whose route or form is our reading of a product's name, not a place in the table.
OUR_ROUTES = {"sublingual", "transmucosal", "oral", "buccal"}


def name(figure: dict[str, str]) -> str:
    return "-".join(figure[key] or "any" for key in ("edition", "ingredient", "route", "form")) + (
        f"-above-{figure['above']}" if figure["above"] else ""
    )


def test_figures_are_there_for_every_edition() -> None:
    assert {figure["edition"] for figure in PRINTED} == {each.id for each in editions()}
    assert all(figure["address"] for figure in PRINTED)


@pytest.mark.parametrize("figure", PRINTED, ids=name)
def test_factor_is_as_printed(figure: dict[str, str]) -> None:
    row = edition(figure["edition"]).lookup(
        figure["ingredient"], figure["route"] or None, figure["form"] or None
    )
    assert row is not None
    if figure["basis"] == "none":
        assert isinstance(row, NoFactor)
        return
    assert not isinstance(row, NoFactor)
    assert row.unit == figure["unit"]
    if isinstance(row, TieredFactor):
        tiers = {(str(tier.above), str(tier.up_to or "")): tier.value for tier in row.tiers}
        assert tiers[figure["above"], figure["up_to"]] == Decimal(figure["factor"])
        return
    assert not figure["above"]
    assert row.value == Decimal(figure["factor"])
    assert (row.basis if isinstance(row, PatchFactor) else "") == figure["basis"]


@pytest.mark.parametrize("shipped", editions(), ids=lambda each: each.id)
def test_no_row_without_a_printed_figure(shipped: ConversionEdition) -> None:
    figures = defaultdict(list)
    for figure in PRINTED:
        if figure["edition"] == shipped.id:
            row = shipped.lookup(
                figure["ingredient"], figure["route"] or None, figure["form"] or None
            )
            figures[id(row)].append(figure)
    for row in shipped.factors:
        assert figures[id(row)], row
        if isinstance(row, TieredFactor):
            assert len(figures[id(row)]) == len(row.tiers)
        printed = {figure["route"] for figure in figures[id(row)]}
        beyond = set(row.routes) - printed
        if beyond:
            assert isinstance(row, LinearFactor)
            assert row.ingredient == "fentanyl"
            assert beyond <= OUR_ROUTES


@pytest.mark.parametrize("shipped", editions(), ids=lambda each: each.id)
def test_ingredients_are_those_of_the_figures(shipped: ConversionEdition) -> None:
    printed = {figure["ingredient"] for figure in PRINTED if figure["edition"] == shipped.id}
    assert set(shipped.ingredients()) == printed
