"""``opsafe workforce``: a scenario to months and hires, its JSON Schema, and the editions."""

# More than 300 lines: what is asked, written and printed of one result, section by section.

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.console import Console
from rich.text import Text

from opsafe import __version__
from opsafe import workforce as wf
from opsafe.cli._documents import (
    check_folder,
    named_as_options,
    print_schema,
    read_document,
)
from opsafe.cli._edition_text import list_editions, show_edition
from opsafe.cli._files import write_table, write_text
from opsafe.cli._progress import progress_in_steps
from opsafe.cli._screen import cited, heading, output, plainly, print_list, print_table
from opsafe.errors import ArgumentError
from opsafe.workforce import figures
from opsafe.workforce._run import BOUNDS

__all__ = ["editions", "project", "schema"]

_TABLES: Final = ("by_month", "by_area", "by_line", "prescribers", "binding", "inputs")
_RECORD: Final = "plan.json"
_HIRING: Final = "scenario_with_hires.json"
_SAME_NAME: Final = ("start", "months", "draws", "seed", "defaults", "level", "confidence")
_OPTIONS: Final = {
    "share_met": "--hires-for",
    "by_month": "--by-month",
    "medication": "--medication",
    **{name: f"--{name}" for name in _SAME_NAME},
}
_SAID: Final = {
    "seekers": "seek treatment",
    "treated": "are treated",
    "waiting": "wait",
    "gap": "gap, area by area",
    "capacity": "capacity",
    "share_met": "share met",
}


@dataclass(frozen=True, slots=True)
class _Target:
    """What hires are asked for."""

    share_met: float
    by_month: int
    confidence: float
    medication: str


@plainly
def project(
    scenario: Annotated[Path, typer.Argument(help="The scenario: JSON as the schema says.")],
    start: Annotated[str, typer.Option(help="First month: 2026-01.")],
    months: Annotated[int, typer.Option(help="How many months, 1 to 240.")],
    draws: Annotated[
        int | None, typer.Option(help="Draws of what is uncertain; without, one expected run.")
    ] = None,
    seed: Annotated[int | None, typer.Option(help="Seed of the draws, needed with them.")] = None,
    defaults: Annotated[
        str, typer.Option(help="Id of an edition of defaults, or a .toml file of your own.")
    ] = "2026-01",
    level: Annotated[float, typer.Option(help="Share of the draws between low and high.")] = 0.8,
    hires_for: Annotated[
        float | None, typer.Option(help="Share of seekers to treat: how many hires a month?")
    ] = None,
    by_month: Annotated[
        int | None, typer.Option(help="Month of the run at whose end it counts; the first is 1.")
    ] = None,
    confidence: Annotated[
        float | None, typer.Option(help="Least probability of that, such as 0.8.")
    ] = None,
    medication: Annotated[
        str, typer.Option(help="The medication whose prescribers are hired.")
    ] = "buprenorphine",
    out: Annotated[
        Path | None, typer.Option(help="Folder for the tables as CSV and plan.json.")
    ] = None,
) -> None:
    """Project demand, treatment, waiting and prescribers of a scenario, month by month.

    opsafe workforce project scenario.json --start 2026-01 --months 36 --draws 2000 --seed 7
    """
    target = _target(hires_for, by_month, confidence, medication)
    asked = read_document(wf.Scenario, scenario, "SCENARIO")
    check_folder(out, scenario, (_RECORD, _HIRING), "scenario itself")
    with named_as_options(_OPTIONS):
        chosen = figures.Defaults.from_toml(defaults) if defaults.endswith(".toml") else defaults
        with progress_in_steps(("Projecting",)) as tell:
            plan = wf.project(
                asked,
                start=start,
                months=months,
                draws=draws,
                seed=seed,
                defaults=chosen,
                level=level,
                progress=tell,
            )
        hires = None if target is None else _hires(plan, target)
    defaults = chosen.id if isinstance(chosen, figures.Defaults) else chosen
    arguments = _arguments(plan, defaults, level, target)
    written = [] if out is None else _write(plan, hires, arguments, out)
    _print_plan(output(), plan, asked.title or scenario.name, defaults, level)
    if target is not None and hires is not None:
        _print_hires(output(), plan, target, hires)
    _print_grounds(output(), plan, written)


@plainly
def schema() -> None:
    """Print the JSON Schema of a scenario, for an editor or a form."""
    print_schema(wf.Scenario)


@plainly
def editions(
    edition_id: Annotated[
        str | None, typer.Argument(metavar="[ID]", help="One of them, with what it says.")
    ] = None,
) -> None:
    """List the editions of figures, rules and standards, or show one with its source."""
    if edition_id is not None:
        show_edition(wf.edition(edition_id))
        return
    list_editions(wf.editions(), "opsafe workforce editions")


# ------------------------------------------------------------------------------- what is asked


def _target(
    share: float | None, month: int | None, confidence: float | None, medication: str
) -> _Target | None:
    asked = {"--hires-for": share, "--by-month": month, "--confidence": confidence}
    if share is None and month is None and confidence is None:
        return None
    if share is None or month is None or confidence is None:
        absent = next(option for option, value in asked.items() if value is None)
        raise ArgumentError("is missing", where=absent, advice=f"{', '.join(asked)} go together")
    return _Target(share, month, confidence, medication)


def _hires(plan: wf.Plan, target: _Target) -> wf.HiresNeeded:
    with progress_in_steps(("Searching for hires",)):
        return plan.hires_for(
            share_met=target.share_met,
            by_month=target.by_month,
            confidence=target.confidence,
            medication=target.medication,
        )


# ------------------------------------------------------------------------------ what is written


def _arguments(
    plan: wf.Plan, defaults: str, level: float, target: _Target | None
) -> dict[str, object]:
    return {
        "start": f"{plan.start:%Y-%m}",
        "months": plan.months,
        "draws": plan.draws,
        "seed": plan.seed,
        "defaults": defaults,
        "level": level,
        "hires_for": None if target is None else target.share_met,
        "by_month": None if target is None else target.by_month,
        "confidence": None if target is None else target.confidence,
        "medication": None if target is None else target.medication,
    }


def _write(
    plan: wf.Plan, hires: wf.HiresNeeded | None, arguments: dict[str, object], out: Path
) -> list[str]:
    """Write the tables, and plan.json last: where it stands, the folder is whole."""
    out.mkdir(exist_ok=True)
    for name in (_RECORD, _HIRING):
        (out / name).unlink(missing_ok=True)
    told = []
    for name in _TABLES:
        table = getattr(plan, name)
        write_table(table.to_arrow(), out / f"{name}.csv")
        told.append(f"{out / name}.csv: {len(table):,} rows")
    if hires is not None and hires.status == "found":
        write_text(hires.scenario.to_json() + "\n", out / _HIRING)
        told.append(f"{out / _HIRING}: the scenario with these hires, to be run")
    record = {
        "schema_version": 1,
        "opsafe_version": __version__,
        "arguments": arguments,
        "scenario": plan.scenario.model_dump(mode="json"),
        "editions": [each.model_dump() for each in plan.editions],
        "not_evaluated": [
            dict(zip(("area", "medication", "bound"), each, strict=True))
            for each in plan.not_evaluated
        ],
        "cautions": plan.cautions,
        "hires": None if hires is None else _answer(hires),
    }
    text = json.dumps(record, indent=2, ensure_ascii=False)
    write_text(text + "\n", out / _RECORD)
    return [*told, f"{out / _RECORD}: what was asked, and by which editions"]


def _answer(hires: wf.HiresNeeded) -> dict[str, object]:
    return {
        "status": hires.status,
        "hires_per_month": hires.hires_per_month,
        "by_area": dict(hires.by_area),
        "probability": hires.probability.value,
        "standard_error": hires.probability.standard_error,
        "share_met_median": hires.share_met,
    }


# ------------------------------------------------------------------------------ what is printed


def _print_plan(console: Console, plan: wf.Plan, name: str, defaults: str, level: float) -> None:
    how = "expected values"
    if plan.draws is not None:
        how = f"{plan.draws:,} draws, seed {plan.seed}; low and high hold {level:.0%} of them"
    console.print(Text(name, style="bold"))
    console.print(
        f"  {plan.months} months from {plan.start:%Y-%m}, {how}; "
        f"defaults {defaults}; opsafe {__version__}"
    )
    heading(console, f"At the end of {_month(plan, plan.months)}")
    ends = ("median", "low", "high") if plan.draws is not None else ("median",)
    titles = ends if plan.draws is not None else ("expected",)
    sides: list[tuple[str, Any]] = [(title, "right") for title in titles]
    print_table(
        console,
        ("members", *sides),
        [
            (said, *(_number(name, plan.by_month[f"{name}_{end}"][-1]) for end in ends))
            for name, said in _SAID.items()
        ],
    )
    heads = plan.prescribers
    last = heads["month"] == heads["month"].max()
    columns = [heads["stage"][last], *(heads[f"heads_{end}"][last] for end in ends)]
    console.print()
    print_table(
        console,
        ("prescribers, by stage reached", *sides),
        [
            (str(stage).replace("_", " "), *(f"{value:,.1f}" for value in values))
            for stage, *values in zip(*(column.tolist() for column in columns), strict=True)
        ],
    )
    _print_binding(console, plan)


def _print_binding(console: Console, plan: wf.Plan) -> None:
    """Print how often each bound held: mean of the areas, and of the draws."""
    table = plan.binding
    skipped = Counter((medication, bound) for _, medication, bound in plan.not_evaluated)
    last = table["month"] == table["month"].max()
    rows = []
    for medication in dict.fromkeys(table["medication"].tolist()):
        mine = table["medication"] == medication
        areas = len(set(table["area"][mine].tolist()))
        for bound in (*BOUNDS, "none"):
            here = mine & (table["bound"] == bound)
            not_in = skipped[medication, bound]
            share = table["share_of_draws"]
            shares = [share[here].sum() / areas / plan.months, share[here & last].sum() / areas]
            said = [f"{value:.1%}" for value in shares] if not_in < areas else ["-", "-"]
            rows.append((medication, bound, *said, f"{not_in} of {areas}" if not_in else ""))
    heading(console, "Which bound held, as a mean of areas and draws")
    print_table(
        console,
        ("medication", "bound", ("all months", "right"), ("last month", "right"),
         ("areas where not evaluated", "right")),
        rows,
    )  # fmt: skip


def _print_hires(console: Console, plan: wf.Plan, target: _Target, hires: wf.HiresNeeded) -> None:
    asked = (
        f"{target.share_met:.1%} of the seekers treated at the end of month {target.by_month}"
        f" ({_month(plan, target.by_month)}), with a probability of {target.confidence:.0%}"
    )
    sure = hires.probability
    reached = f"probability {sure.value:.1%} (standard error {sure.standard_error:.1%})"
    if plan.draws is None:
        reached = "as expected values; a probability takes --draws and --seed"
    heading(console, f"Hires: {asked}")
    if hires.status == "found":
        how = f"{hires.hires_per_month:,} prescribers of {target.medication} a month"
        first = f"{how}, in place of the scenario's own hires: {reached}"
        second = f"median share met {hires.share_met:.1%}"
    else:
        count = hires.hires_per_month
        how = f"{count:,} hires a month" if count else "places for everybody"
        first = f"not reached with {how}: {reached}"
        second = f"best median share met {hires.share_met:.1%}"
    print_list(console, (first, second))
    if hires.by_area:
        console.print()
        rows = [(area, f"{count:,}") for area, count in hires.by_area]
        print_table(console, ("area", ("hires a month", "right")), rows)


def _print_grounds(console: Console, plan: wf.Plan, written: Sequence[str]) -> None:
    """Print what the answer rests on."""
    columns = [plan.inputs[name].tolist() for name in ("input", "value", "origin", "source")]
    rows = [
        (name, value, origin, source if origin == "planning value" else "cited below")
        for name, value, origin, source in zip(*columns, strict=True)
        if origin in ("default edition", "planning value")
    ]
    if rows:
        heading(console, "Defaults used")
        print_table(console, ("input", "value", "origin", "why"), rows)
    if plan.cautions:
        heading(console, "Mind")
        print_list(console, plan.cautions)
    heading(console, "Editions")
    for each in plan.editions:
        cited(console, each.citation)
    if written:
        heading(console, "Written")
        print_list(console, written)


def _month(plan: wf.Plan, month: int) -> str:
    return str(plan.by_month["month"][month - 1])[:7]


def _number(name: str, value: float) -> str:
    return f"{value:.1%}" if name == "share_met" else f"{value:,.0f}"
