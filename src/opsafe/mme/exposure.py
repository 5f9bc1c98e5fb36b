"""A population's fills to each member's opioid exposure: the door to the kernel."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction

from opsafe._arguments import read_whole
from opsafe.errors import MissingExtraError
from opsafe.frames import Frame
from opsafe.mme._population.book import MemberTables
from opsafe.mme._population.options import (
    Buprenorphine,
    Exclude,
    MoudProducts,
    Options,
    Overlap,
    PatchDays,
)
from opsafe.mme._population.run import Progress, run_frame
from opsafe.mme._population.ways import can_compile
from opsafe.mme.editions import EditionArgument, resolve_editions
from opsafe.mme.result import Exposure

__all__ = ["exposure"]

Threshold = int | float | Decimal | Fraction


def exposure(
    fills: Frame,
    *,
    edition: EditionArgument,
    start: date | str | None = None,
    end: date | str | None = None,
    at_least: Iterable[Threshold] = (50, 90),
    more_than: Iterable[Threshold] = (),
    overlap: Overlap = "sum",
    max_shift_days: int = 30,
    patch_days: PatchDays = "fill",
    buprenorphine: Buprenorphine = "exclude",
    moud_products: MoudProducts = "set_aside",
    columns: Mapping[str, str] | None = None,
    windows: Frame | None = None,
    enrolment: Frame | None = None,
    exclusions: Frame | None = None,
    exclude: Exclude = "days",
    not_opioid: Sequence[str] = (),
    segments: bool = False,
    contributions: bool = False,
    threads: int | None = None,
    compiled: bool | None = None,
    progress: Progress | None = None,
) -> Exposure:
    """Compute each member's daily opioid exposure from pharmacy fills.

    For claims in Parquet files, of any size, see :func:`opsafe.mme.exposure_files`; for a Spark
    DataFrame, :func:`opsafe.mme.exposure_spark`.

    Parameters
    ----------
    fills : frame, stream of record batches, mapping of columns, or list of records
        A pandas, polars or pyarrow frame; a DuckDB relation, Polars LazyFrame, pyarrow dataset
        or reader, which are read block by block. One row a fill: member_id, fill_date,
        ingredient, route, strength (with unit, or text such as "10 mg"), quantity, days_supply
        (days); optional unit, form, quantity_unit, fill_id, status, prescriber_id, pharmacy_id,
        cough_cold, moud, wear_hours.
    edition : str, ConversionEdition, or sequence of them
        The table of factors; a sequence is a chain.
    start, end : date or str, optional
        First and last day of the window, both inclusive.
    at_least, more_than : iterable of numbers, optional
        Thresholds in MME a day; the names of the resulting columns carry the sign.
    overlap : {"sum", "shift_same_product"}, optional
        Each fill from its own date, or early refills of one product moved to the end of the
        supply before them.
    max_shift_days : int, optional
        Most days that a refill moves.
    patch_days : {"fill", "edition"}, optional
        Days of a patch fill as stated, or patches x wear time.
    buprenorphine : {"exclude", "include"}, optional
        With "include", columns with buprenorphine stand beside those without.
    moud_products : {"set_aside", "include"}, optional
        Whether methadone 40 mg tablets count.
    columns : mapping of str to str, optional
        Our column name to yours.
    windows : table, optional
        member_id, first_day, last_day: a window for each member.
    enrolment : table, optional
        member_id, first_day, last_day, optional line_of_business: days that are looked at.
    exclusions : table, optional
        member_id, first_day, last_day, reason: cancer, hospice, palliative care, sickle cell,
        long-term care; an open last_day is null.
    exclude : {"days", "members"}, optional
        Whether an exclusion cuts its days or leaves the member out.
    not_opioid : sequence of str, optional
        Further ingredients that are no opioids.
    segments, contributions : bool, optional
        Whether runs of constant exposure, and shares by drug, are wanted.
    threads : int, optional
        Threads to use; at most 2 unless said. The answer is the same with any number.
    compiled : bool, optional
        Whether days are summed in loops that Numba compiles (extra ``fast``); unless said, where
        it is installed and there are 4 million rows or more. The answer is the same.
    progress : callable, optional
        Called with (slabs of members done, slabs in all).

    Returns
    -------
    Exposure
        Members, rows set aside, flags and provenance; MME in MME a day.

    Raises
    ------
    ColumnError
        If a column is missing, there twice, or of a kind that cannot be read.
    ArgumentError, ArgumentTypeError
        If an argument cannot be used.
    EditionNotFoundError
        If there is no such edition.
    MissingExtraError
        If compiled loops are wanted and Numba is not installed.

    Notes
    -----
    With total the sum of daily values in the window: D1 = total / days supply, D2 = total /
    covered days, D3 = total / window days, D4 = the largest daily value [1]_. Amounts are
    integers throughout, so that 90 is 90 in any order of rows.

    References
    ----------
    .. [1] Dasgupta N, et al. Inches, centimeters, and yards: overlooked definition choices
       inhibit interpretation of morphine equivalence. Clin J Pain 2021;37(8):565-574.

    Examples
    --------
    >>> from opsafe import mme
    >>> fill = {
    ...     "member_id": 1,
    ...     "fill_date": "2025-01-01",
    ...     "ingredient": "oxycodone",
    ...     "route": "oral",
    ...     "strength": "10 mg",
    ...     "quantity": 180,
    ...     "days_supply": 30,
    ... }
    >>> found = mme.exposure([fill], edition="cdc-2022", start="2025-01-01", end="2025-03-31")
    >>> float(found.members["mme_maximum_day"][0]), int(found.members["days_at_least_90"][0])
    (90.0, 30)
    """
    chains = [resolve_editions(edition)]
    options = Options.check(
        start=start,
        end=end,
        at_least=at_least,
        more_than=more_than,
        overlap=overlap,
        max_shift_days=max_shift_days,
        patch_days=patch_days,
        buprenorphine=buprenorphine,
        moud_products=moud_products,
        exclude=exclude,
        not_opioid=not_opioid,
        segments=segments,
        contributions=contributions,
    )
    tables = MemberTables.read(windows, enrolment, exclusions)
    found = run_frame(
        fills,
        columns,
        chains,
        options,
        tables,
        threads=read_threads(threads),
        compiled=read_compiled(compiled),
        progress=progress,
    )
    return found[0]


def read_threads(threads: int | None) -> int:
    """Read the number of threads: at most 2 unless said, since callers have work of their own."""
    if threads is None:
        return min(os.cpu_count() or 1, 2)
    return read_whole(threads, "threads", 1, 256)


def read_compiled(compiled: bool | None) -> bool | None:
    """Read whether loops are to be compiled; None is whatever is faster."""
    if compiled and not can_compile():
        raise MissingExtraError(
            "needs Numba, which is not installed",
            where="compiled",
            advice="Run: pip install opsafe[fast]",
        )
    return compiled
