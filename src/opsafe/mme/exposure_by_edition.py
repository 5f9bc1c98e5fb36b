"""The same fills by several editions: read, sorted and netted once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, Final, TypedDict, Unpack

from opsafe.errors import ArgumentError, ArgumentTypeError
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
from opsafe.mme.chain import EditionChain
from opsafe.mme.editions import EditionArgument, resolve_editions
from opsafe.mme.exposure import Threshold, read_compiled, read_threads
from opsafe.mme.result import Exposure

__all__ = ["ExposureArguments", "exposure_by_edition"]


_NOT_OPTIONS: Final = (
    "columns",
    "windows",
    "enrolment",
    "exclusions",
    "threads",
    "compiled",
    "progress",
)


class ExposureArguments(TypedDict, total=False):
    """The arguments of :func:`opsafe.mme.exposure` beside fills and edition."""

    start: date | str | None
    end: date | str | None
    at_least: Iterable[Threshold]
    more_than: Iterable[Threshold]
    overlap: Overlap
    max_shift_days: int
    patch_days: PatchDays
    buprenorphine: Buprenorphine
    moud_products: MoudProducts
    columns: Mapping[str, str] | None
    windows: Frame | None
    enrolment: Frame | None
    exclusions: Frame | None
    exclude: Exclude
    not_opioid: Sequence[str]
    segments: bool
    contributions: bool
    threads: int | None
    compiled: bool | None
    progress: Progress | None


def exposure_by_edition(
    fills: Frame, *, editions: Sequence[EditionArgument], **arguments: Unpack[ExposureArguments]
) -> dict[str, Exposure]:
    """Compute exposure by each of several editions, reading and sorting the fills once.

    Parameters
    ----------
    fills : frame, stream, mapping of columns, or list of records
        As in :func:`opsafe.mme.exposure`.
    editions : sequence of str, ConversionEdition, or chains of them
        Each gives one answer.
    **arguments
        Every other argument is that of :func:`opsafe.mme.exposure`.

    Returns
    -------
    dict of str to Exposure
        The answer of each edition by its id, of a chain by its ids joined with " + "; each is
        what :func:`opsafe.mme.exposure` gives with that edition, MME in MME a day.

    Raises
    ------
    ArgumentError, ArgumentTypeError
        If no edition is given, one is given twice, or an argument cannot be used.
    ColumnError
        If a column is missing, there twice, or of a kind that cannot be read.
    EditionNotFoundError
        If there is no such edition.

    Notes
    -----
    Definitions are those of :func:`opsafe.mme.exposure`; D4 = the largest daily sum [1]_.

    References
    ----------
    .. [1] Dasgupta N, et al. Inches, centimeters, and yards: overlooked definition choices
       inhibit interpretation of morphine equivalence. Clin J Pain 2021;37(8):565-574.

    Examples
    --------
    Tramadol has the factor 0.1 in the CDC file of 2016, and 0.2 in the guideline of 2022:

    >>> from opsafe import mme
    >>> fill = {
    ...     "member_id": 1,
    ...     "fill_date": "2025-01-01",
    ...     "ingredient": "tramadol",
    ...     "route": "oral",
    ...     "strength": "50 mg",
    ...     "quantity": 240,
    ...     "days_supply": 30,
    ... }
    >>> found = mme.exposure_by_edition([fill], editions=["cdc-file-2016", "cdc-2022"])
    >>> {name: float(one.members["mme_maximum_day"][0]) for name, one in found.items()}
    {'cdc-file-2016': 40.0, 'cdc-2022': 80.0}
    """
    chains = _chains(editions)
    unknown = sorted(set(arguments) - set(ExposureArguments.__annotations__))
    if unknown:
        raise ArgumentTypeError(
            f"there is no argument {', '.join(unknown)}",
            where="exposure_by_edition",
            allowed=ExposureArguments.__annotations__,
        )
    chosen: dict[str, Any] = {k: v for k, v in arguments.items() if k not in _NOT_OPTIONS}
    options = Options.check(**chosen)
    tables = MemberTables.read(
        arguments.get("windows"), arguments.get("enrolment"), arguments.get("exclusions")
    )
    found = run_frame(
        fills,
        arguments.get("columns"),
        list(chains.values()),
        options,
        tables,
        threads=read_threads(arguments.get("threads")),
        compiled=read_compiled(arguments.get("compiled")),
        progress=arguments.get("progress"),
    )
    return dict(zip(chains, found, strict=True))


def _chains(editions: Sequence[EditionArgument]) -> dict[str, EditionChain]:
    """Each edition or chain by the name that its answer will have."""
    if isinstance(editions, str) or not isinstance(editions, Sequence):
        raise ArgumentTypeError(
            "is not a sequence of editions", where="editions", advice='Write ["cdc-2022", ...]'
        )
    found: dict[str, EditionChain] = {}
    for one in editions:
        chain = resolve_editions(one)
        name = " + ".join(chain.ids)
        if name in found:
            raise ArgumentError(f"{name} is there twice", where="editions")
        found[name] = chain
    if not found:
        raise ArgumentError("holds no edition", where="editions")
    return found
