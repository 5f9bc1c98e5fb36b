"""The options that commands over claims share: their words, and how they are read."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, TypeAlias

import typer

from opsafe.cli._screen import number
from opsafe.errors import ArgumentError

__all__ = [
    "AtLeast",
    "ColumnNames",
    "Editions",
    "End",
    "IncludeBuprenorphine",
    "IncludeMoudProducts",
    "MaxShiftDays",
    "MoreThan",
    "NoSuppress",
    "NotOpioid",
    "Overlap",
    "OverlapRule",
    "PatchDays",
    "PatchDaysRule",
    "Start",
    "column_names",
    "thresholds",
]


class OverlapRule(StrEnum):
    """How fills that overlap add up."""

    SUM = "sum"
    SHIFT_SAME_PRODUCT = "shift_same_product"


class PatchDaysRule(StrEnum):
    """Where the days of a patch fill are from."""

    FILL = "fill"
    EDITION = "edition"


Editions: TypeAlias = Annotated[
    list[str],
    typer.Option(
        help="Id of an edition (opsafe mme editions), or a .toml file of your own; "
        "twice for a chain."
    ),
]
Start: TypeAlias = Annotated[str | None, typer.Option(help="First day looked at: 2025-01-01.")]
End: TypeAlias = Annotated[str | None, typer.Option(help="Last day looked at.")]
ColumnNames: TypeAlias = Annotated[
    list[str] | None,
    typer.Option(
        metavar="OURS=YOURS", help="Your name of a column: member_id=BENE_ID; again for each."
    ),
]
AtLeast: TypeAlias = Annotated[
    list[str] | None, typer.Option(metavar="MME", help="Threshold, default 50 and 90.")
]
MoreThan: TypeAlias = Annotated[
    list[str] | None, typer.Option(metavar="MME", help="Threshold that must be exceeded.")
]
Overlap: TypeAlias = Annotated[
    OverlapRule,
    typer.Option(
        help="Each fill from its own date, or early refills of one "
        "product moved to the end of the supply before."
    ),
]
MaxShiftDays: TypeAlias = Annotated[int, typer.Option(help="Most days that a refill moves.")]
PatchDays: TypeAlias = Annotated[
    PatchDaysRule, typer.Option(help="Days of a patch fill as stated, or patches x wear time.")
]
IncludeBuprenorphine: TypeAlias = Annotated[
    bool, typer.Option("--include-buprenorphine", help="In columns beside the others.")
]
IncludeMoudProducts: TypeAlias = Annotated[
    bool, typer.Option("--include-moud-products", help="Count methadone 40 mg tablets.")
]
NotOpioid: TypeAlias = Annotated[
    list[str] | None, typer.Option(metavar="NAME", help="A further drug that is no opioid.")
]
NoSuppress: TypeAlias = Annotated[
    bool, typer.Option("--no-suppress", help="Print counts from 1 to 10 too.")
]


def column_names(pairs: Sequence[str] | None) -> dict[str, str]:
    """Read ``--columns``: our name of a column to the caller's."""
    names: dict[str, str] = {}
    for pair in pairs or ():
        ours, sign, theirs = pair.partition("=")
        if not (sign and ours.strip() and theirs.strip()):
            raise ArgumentError(
                f"{pair!r} does not map a name", where="--columns", allowed=("member_id=BENE_ID",)
            )
        if ours.strip() in names:
            raise ArgumentError(f"{ours.strip()} is mapped twice", where="--columns")
        names[ours.strip()] = theirs.strip()
    return names


def thresholds(
    at_least: Sequence[str] | None, more_than: Sequence[str] | None
) -> tuple[list[Decimal], list[Decimal]]:
    """Read ``--at-least`` and ``--more-than``; without the former, it is 50 and 90."""
    return (
        [number(one, "--at-least") for one in at_least or ("50", "90")],
        [number(one, "--more-than") for one in more_than or ()],
    )
