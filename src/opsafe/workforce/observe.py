"""A plan's own fills to its panels, prescribers, starts and retention: the door."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Final

from opsafe.frames import Frame, open_table
from opsafe.workforce._observation import Observation
from opsafe.workforce._observe_claims import ClaimsRead
from opsafe.workforce._observe_rules import (
    CARRY_FORWARD_DAYS,
    OPEN_MONTHS,
    ObserveRules,
)
from opsafe.workforce.observed import (
    Observed,
)

__all__ = ["observe"]

_REQUIRED: Final = ("member_id", "prescriber_id", "fill_date", "days_supply")
_OPTIONAL: Final = ("medication", "line_of_business", "area")
_GAP_DAYS: Final = 30


def observe(
    fills: Frame,
    *,
    gap_days: int = _GAP_DAYS,
    start: date | str | None = None,
    end: date | str | None = None,
    washout_days: int | None = None,
    carry_forward_days: int = CARRY_FORWARD_DAYS,
    open_months: int = OPEN_MONTHS,
    columns: Mapping[str, str] | None = None,
) -> Observed:
    """Observe panels, active and open prescribers, starts and retention in a plan's own fills.

    Parameters
    ----------
    fills : frame, mapping of columns, or list of records
        One row a paid fill (reversed and rejected ones taken out): member_id, prescriber_id (may
        be missing in a row), fill_date, days_supply (whole days, 1 to 366), and optional
        medication (any text; each is a stream of its own, without the column all fills are one),
        line_of_business, area.
    gap_days : int, optional
        An episode ends when there is no supply for more than this many days; a gap of just as
        many does not end it. The default, 30, is that of a Medicaid study [1]_; for a study that
        says "30 days or more" [2]_ give 29.
    start, end : date or str, optional
        First and last day of observation, both included: the claims must be complete between
        them, and fills outside are set aside. Without them the days of the first and of the last
        fill.
    washout_days : int, optional
        Days without supply before a start, at least ``gap_days``, and as many by default (a
        planning value; a study of new episodes took 90 [3]_).
    carry_forward_days : int, optional
        An early refill waits until the supply at hand is used, of which at most this many days
        count (a planning value); 0 lets supplies overlap.
    open_months : int, optional
        A prescriber who is active is open after taking a start or a return in the last so many
        months (a planning value).
    columns : mapping of str to str, optional
        Our column name to yours.

    Returns
    -------
    Observed
        Tables by month, by group of members and by prescriber, distributions of panels (members a
        prescriber), Kaplan-Meier retention (shares from 0 to 1 by day), the rows set aside,
        counts. Small cells are not suppressed: that is the caller's concern.

    Raises
    ------
    ColumnError
        If a column is missing, is there twice or holds what cannot be read at all.
    ArgumentError, ArgumentTypeError
        If an argument cannot be used, or no window can be told from the fills.

    Notes
    -----
    *Covered days.* Fills of one member, medication and day are one: the longest. With c the day
    after the supply so far, a fill on day f for n days covers up to
    max(c, f + n + min(max(c - f, 0), ``carry_forward_days``)), and its prescriber has the days
    that it adds.

    *Episodes.* One ends on the first day without supply, u. It is known to have stopped when
    u + ``gap_days`` lies in the window. The first that is seen of a member and medication is a
    start when it begins at least ``washout_days`` after ``start``; before that nobody can tell, it
    is prevalent, and stays out of the retention. A later one is a return after a pause of at least
    ``washout_days``, else it is resumed, and no start. Starts and returns together are what claims
    call episodes: such a stream contains returners already.

    *Retention.* Kaplan-Meier [4]_ on the days from a start to u, with Greenwood's standard error
    and a log-log interval of 95 %. The view ends for all on ``end`` - ``gap_days``: a stop after
    that could not be seen, though going on could. Episodes of one member count as independent.

    *Months.* Whole months only. Active: wrote a fill in the month. Members on treatment: those
    with a covered day at its last day; in an episode: those, and those in a gap. A panel: distinct
    members with a covered day of the prescriber's in the month. Members of several medications
    count once in each: for all together leave the column out.

    References
    ----------
    .. [1] Risk factors for discontinuation of buprenorphine treatment for opioid use disorder
       (Medicaid 2013-15). https://ophelia.com/research/risk-factors-for-discontinuation-of-buprenorphine-treatment-for-opioid-use-disorder
    .. [2] Meinhofer A, et al. Prescribing decisions at buprenorphine treatment initiation. J Subst
       Abuse Treat 2019;105:37-43. https://pmc.ncbi.nlm.nih.gov/articles/PMC6731543
    .. [3] Trends in buprenorphine dosage and days supplied for new treatment episodes for opioid
       use disorder, 2010-2019. https://discovery.researcher.life/article/trends-in-buprenorphine-dosage-and-days-supplied-for-new-treatment-episodes-for-opioid-use-disorder-2010-2019/555744b408653b71a9d5eb5a0d14e280
    .. [4] Kaplan EL, Meier P. Nonparametric estimation from incomplete observations. J Am Stat
       Assoc 1958;53:457-481. https://doi.org/10.2307/2281868

    Examples
    --------
    Two members start in March; one of them is never seen again after 28 days:

    >>> from opsafe.workforce.observe import observe
    >>> days = ["2024-03-01", "2024-03-29", "2024-04-26", "2024-03-04"]
    >>> fills = {
    ...     "member_id": [1, 1, 1, 2],
    ...     "prescriber_id": ["P1", "P1", "P1", "P2"],
    ...     "fill_date": days,
    ...     "days_supply": [28, 28, 28, 28],
    ... }
    >>> found = observe(fills, start="2024-01-01", end="2024-05-31")
    >>> found.by_month["starts"].tolist()
    [0, 0, 2, 0, 0]
    >>> found.retention_points((0.5, 1.0)).points
    ((0.5, 1.0), (1.0, 0.5))
    """
    rules = ObserveRules.read(
        gap_days=gap_days,
        start=start,
        end=end,
        washout_days=washout_days,
        carry_forward_days=carry_forward_days,
        open_months=open_months,
    )
    table = open_table(
        fills, where="fills", required=_REQUIRED, optional=_OPTIONAL, columns=columns
    )
    return Observation(ClaimsRead.read(table, rules), rules).told()
