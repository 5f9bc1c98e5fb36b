"""Write docs/explanation/mme-speed.md from benchmarks/results.json: `python docs/_make_speed.py`.

The results are made by `python benchmarks/mme.py --full --spark --memory --json
benchmarks/results.json`; parts of them can be measured one by one into the same file.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from textwrap import fill
from typing import Any, Final

sys.path.insert(0, str(Path(__file__).parents[1] / "benchmarks"))

from harness.machine import sentence
from harness.rounds import Run
from harness.tables import (
    files_table,
    growth_table,
    load_sentence,
    markdown,
    million,
    misjudged_table,
    speed_table,
)
from harness.verdicts import verdicts

ROOT: Final = Path(__file__).parents[1]
PAGE: Final = ROOT / "docs" / "explanation" / "mme-speed.md"
RESULTS: Final = ROOT / "benchmarks" / "results.json"

HEAD: Final = """# Speed, and days that floats misjudge

This page is made from `benchmarks/results.json` by `docs/_make_speed.py`; a test holds it up to
date.

A year of a large plan's claims is 10 million to 100 million fills. Two ways to count exposure in
them are common: a row for each member and day, which is simple and large, and running sums in SQL
or in a frame library, which are small and, in floats, wrong at exactly 50 and 90 MME. This page
measures `mme.exposure` beside both, and counts the days.

"""

MISJUDGED: Final = """
## Days that floats misjudge

Doses are round numbers, so days of exactly 50 or 90 MME are common, and so are days on the edge of
a tier of methadone. A running sum adds a rate where a fill starts and takes it away where it ends.
In floats what is left over is not exactly what it should be: 89.99999999999999 is not "at least
90", and 20.000000000000004 mg of methadone are counted with the factor 8 and not 4.

"""
JUDGED: Final = """
{rows} fills of the benchmark have {exact}. The methods judged all covered days, from the same rates
in floats and on the same file; a misjudged day is one on the wrong side. The error of a total is
that of a member whose methadone stays on the edge of a tier.
"""
MISJUDGED_TAIL: Final = """
- The rows of a file in another order give other days. Polars and DuckDB add in parallel, and give
  other days in the next run on the same file.
- A day's fills added up afresh, without subtraction, were right on all days of this file, at the
  price of a row for each member and day. They are not right by rule. 60 tablets of oxycodone 10 mg
  and 40 of codeine 60 mg, each for 14 days, are exactly 90 MME a day:

  ```pycon
  >>> 10 * 60 / 14 * 1.5 + 60 * 40 / 14 * 0.15
  89.99999999999999

  ```

- Rounding to 1e-6 before each comparison put all days of this file right. Whole numbers also make
  the sums the same in any order, so opsafe adds whole numbers and rounds what it compares, see
  {doc}`mme-method`.
"""

HOW: Final = """
## What is measured

- *The work*: from opening a Parquet file to the finished table of members. Imports, starting Spark
  and a first small file come before the clock. Every engine runs in a process of its own, in turns;
  figures are medians, with smallest and largest wall time in brackets. CPU and memory are those of
  the process and of all that it started. One piece of work is timed before and after each round
  and told beside the load, which does not see the neighbours on a shared machine: seconds of one
  section, measured in one hour, do not compare with those of another.
- *The file*: fills of one year, about ten a member, most members with one to ten fills and some
  with up to 71 in parallel regimens, refills up to six days early, 3 in 100 methadone, 16 in 100
  benzodiazepines, patches, liquids, partial fills, and 1 in 100 that cannot count. The columns, the
  *benchmark schema*: `member_id` int64, `fill_date` date32, `ingredient`, `route` and `unit`
  dictionary text, `strength` and `quantity` float64, `days_supply` int32, `prescriber_id` and
  `pharmacy_id` int64. *Shuffled* rows are in no order; *sorted* rows are in order of member and
  date.
- *The road*: `mme.exposure` is given the file as a pyarrow dataset, and reads it block by block.
  *opsafe[fast]* sums in compiled loops (extra `fast`), compiled before the clock; *opsafe without
  extra* in arrays of NumPy, as out of core and inside Spark. The goals are those of the former.
- *The question*: edition `cms-2018-02-oms` with its tiers, the window of the year, `overlap="sum"`.
- *The answers* are compared: total MME, covered days, MME a covered day, the largest day, days at
  50 and 90 or more, benzodiazepine overlap days, prescribers and pharmacies of every member. Counts
  must be equal and MME within 0.000001. The roads of opsafe must agree in every bit of every
  column.
- *The peers* are written by hand, exactly, and with what a good analyst knows: whole numbers of
  1e-9 MME, rounded before comparisons, one sum over all members where the sums are exact. They
  compute those ten columns. `mme.exposure` computes all its columns, nets reversals, and returns
  rows set aside, flags and provenance.

## What is not measured

- Other machines. Ratios travel better than seconds, and neither says how it goes on 32 cores.
- Real claims. The dose here is higher than a plan's, and no member has more than 71 fills.
- Text as member ids, `overlap="shift_same_product"`, segments, enrolment and exclusions.
- A cluster: Spark runs on two cores of one machine.

## How to repeat it

```console
$ python benchmarks/mme.py            # 1 million fills, under three minutes
$ python benchmarks/mme.py --full     # 10 million mixed and in order, growth to 50 million
$ python benchmarks/mme.py --spark    # needs Java
$ python benchmarks/mme.py --memory   # 50 and 100 million out of core; 10 GB of disk
$ python benchmarks/mme.py --rows 1e6 --engines opsafe polars --rounds 5
```

`--data FOLDER` keeps the files. `--json benchmarks/results.json` and then
`python docs/_make_speed.py` bring this page up to date.
"""


SECTIONS: Final = (
    (1_000_000, "shuffled"),
    (10_000_000, "shuffled"),
    (10_000_000, "sorted"),
    (50_000_000, "shuffled"),
)
IN_MEMORY: Final = ("read", "opsafe", "arrays", "polars", "duckdb", "pandas")
SPARK: Final = ("spark", "spark-sql", "spark-drop", "spark-ship")


def page() -> str:
    """Return the page."""
    found = json.loads(RESULTS.read_text(encoding="utf-8"))
    runs = [Run(**run) for run in found["runs"]]
    where = f"Measured on {sentence(found['machine'])}."
    parts = [HEAD, f"## Speed\n\n{fill(where, 100)}\n", *_speed(runs)]
    if "misjudged" in found:
        parts += _misjudged(found["misjudged"])
    if reached := list(verdicts(runs)):
        rows = [[one.goal, one.found, "met" if one.met else "missed"] for one in reached]
        parts += ["\n## Goals\n\n", markdown([["goal", "found", ""], *rows]), "\n"]
    return "".join([*parts, HOW])


def _speed(runs: Sequence[Run]) -> Iterator[str]:
    for rows, order in SECTIONS:
        chosen = _chosen(runs, IN_MEMORY, rows, order)
        if chosen:
            yield f"\n### {million(rows)} fills, {order}\n\n{_with_load(chosen)}\n"
    if growth := growth_table([run for run in runs if run.engine in IN_MEMORY]):
        yield f"\n### Growth\n\n1 is in proportion to the number of fills.\n\n{growth}\n"
    out_of_core = [run for run in runs if run.engine == "files"]
    if out_of_core:
        yield f"\n### Out of core\n\n`mme.exposure_files`.\n\n{files_table(out_of_core)}\n"
    spark = _chosen(runs, SPARK, 10_000_000, "shuffled")
    if spark:
        yield (
            "\n### Inside Spark\n\n10 million fills, shuffled; Spark in local mode on two cores. "
            "The last line\nbrings members together, ships the rows to Python and drops them "
            "there; with the answers\ndropped, the line above it is what the library adds to "
            f"that.\n\n{_with_load(spark)}\n\n{_least(spark)}\n"
        )


def _least(spark: Sequence[Run]) -> str:
    """Compare the quickest rounds, which a busy neighbour touched least."""
    least = {run.engine: min(run.wall) for run in spark}
    more = least["spark-drop"] / least["spark-ship"] - 1
    return (
        "On a shared machine a round may take a third longer than the one before it, and medians\n"
        f"of five move with that. Quickest round against quickest, the library adds {more:.0%} to\n"
        f"shipping, and Spark SQL takes {least['spark-sql'] / least['spark']:.1f} times as long as"
        " the library."
    )


def _with_load(runs: Sequence[Run]) -> str:
    return f"{speed_table(runs)}\n\n{load_sentence(runs)}"


def _chosen(runs: Sequence[Run], engines: Sequence[str], rows: int, order: str) -> list[Run]:
    found = {run.engine: run for run in runs if (run.rows, run.order) == (rows, order)}
    return [found[engine] for engine in engines if engine in found]


def _misjudged(found: dict[str, Any]) -> Iterator[str]:
    days = " and ".join(
        f"{number:,} days at {at} MME or more" for at, number in found["exact"].items()
    )
    yield MISJUDGED
    yield fill(JUDGED.format(exact=days, rows=million(found["rows"])).strip(), 100) + "\n\n"
    yield misjudged_table(found) + "\n"
    yield MISJUDGED_TAIL


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
