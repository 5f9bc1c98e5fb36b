"""The population summary on a screen: four definitions, what is missing, what to mind."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from rich.console import Console
from rich.text import Text

from opsafe import __version__
from opsafe.cli._screen import cited, heading, print_list, print_table
from opsafe.mme import Exposure, ExposureFiles, Flag, Reason
from opsafe.mme.summary import SMALLEST_CELL, DefinitionSummary, Summary

__all__ = ["print_summary"]

_ADVICE: Final = {str(code): code.advice for code in (*Reason, *Flag)}
_SAID: Final = {
    "D1": "D1 day of supply",
    "D2": "D2 covered day",
    "D3": "D3 day of window",
    "D4": "D4 largest day",
}


def print_summary(
    console: Console,
    found: Exposure | ExposureFiles,
    name: str,
    *,
    suppress: bool,
    written: Sequence[str],
) -> None:
    """Print what a population's exposure is, by which table, and what does not count."""
    summary = found.summary(suppress=suppress)
    arguments = found.provenance.arguments
    ids = ", ".join(edition.id for edition in found.provenance.editions)
    console.print(Text(f"Opioid exposure in {name}, by {ids}", style="bold"))
    window = _window(arguments["start"], arguments["end"])
    console.print(f"  {window}; overlapping fills: {arguments['overlap']}; opsafe {__version__}")
    _print_definitions(console, summary)
    _print_rows(console, found, summary)
    heading(console, "Mind")
    print_list(console, _cautions(found, suppress=suppress))
    heading(console, "Editions")
    for edition in found.provenance.editions:
        cited(console, edition.citation)
    if written:
        heading(console, "Written")
        print_list(console, written)


def _window(first: str, last: str) -> str:
    if first == last == "not given":
        return "no window: start and end not given"
    if "not given" in (first, last):
        return f"start {first}, end {last}"
    return f"{first} to {last}"


def _print_definitions(console: Console, summary: Summary) -> None:
    everybody = summary.groups[0]
    heading(console, "Members")
    print_table(
        console,
        (("in the claims", "right"), ("with opioid fills that count", "right"),
         ("with MME that is a lower bound", "right")),
        [[summary.shown(n) for n in (
            everybody.members, everybody.with_opioid_fills, everybody.lower_bound_members)]],
    )  # fmt: skip
    heading(console, "Daily MME by four definitions")
    signs = [_said(threshold) for threshold in summary.thresholds]
    print_table(
        console,
        (
            "MME a",
            ("members", "right"),
            ("mean", "right"),
            ("median", "right"),
            *((sign, "right") for sign in signs),
            ("lower bounds", "right"),
        ),
        [_cells(summary, one) for one in everybody.definitions],
    )


def _cells(summary: Summary, one: DefinitionSummary) -> list[str]:
    few = summary.hidden(one.members)
    mean, median = (
        "-" if value is None else "hidden" if few else f"{value:,.1f}"
        for value in (one.mean, one.median)
    )
    shares = [summary.shown_share(one, threshold) for threshold in summary.thresholds]
    members, bounds = summary.shown(one.members), summary.shown(one.lower_bound_members)
    return [_SAID[one.definition], members, mean, median, *shares, bounds]


def _said(threshold: str) -> str:
    """Say "at_least_50" in words."""
    return threshold.replace("_", " ")


def _print_rows(console: Console, found: Exposure | ExposureFiles, summary: Summary) -> None:
    provenance = found.provenance
    rows = provenance.rows
    heading(console, "Rows")
    console.print(
        f"  {rows.rows_in:,} in = {rows.used:,} used + {rows.netted:,} netted + "
        f"{rows.not_opioid:,} not opioid + {rows.set_aside:,} set aside"
    )
    for title, counts in (
        ("Set aside", provenance.set_aside_by_reason),
        ("Counted, and to be looked at", provenance.flags_by_code),
    ):
        if counts:
            heading(console, title)
            by_size = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
            print_table(
                console,
                ("code", ("rows", "right"), "what to do"),
                [(code, summary.shown(n), _ADVICE[code]) for code, n in by_size],
            )


def _cautions(found: Exposure | ExposureFiles, *, suppress: bool) -> list[str]:
    told = [
        "50 and 90 are reference points of programmes, not of one person's treatment",
        "A share counts members whose MME is a lower bound at the MME that is known",
        *found.provenance.cautions,
    ]
    if suppress:
        told.append(f"Counts under {SMALLEST_CELL} are hidden; --no-suppress shows them")
    return told
