"""The rows of a work plan: each team's part of an initiative, its dates, and what it waits for."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from opsafe.columns import Columns, Text
from opsafe.quantity import IntArray
from opsafe.ranking._schedule import LEFT_OUT
from opsafe.ranking._schedule_inputs import Asked
from opsafe.ranking._schedule_tables import days_of, in_order, slack_of
from opsafe.ranking.work import Work

__all__ = ["work_plan_of"]


def work_plan_of(asked: Asked, starts: IntArray) -> Columns:
    """List the work of what is scheduled, a row for each :class:`Work`.

    Parameters
    ----------
    asked : Asked
        Initiatives with their work.
    starts : array of int, shape (initiatives,)
        Quarter of each start, counted from 0; -1 where it is left out.

    Returns
    -------
    Columns
        id ("2.1" is the first work of the second initiative to start), chapter, owner,
        initiative, team, fte, start_quarter, finish_quarter, start and finish (dates, where the
        roadmap has a first month), predecessor (ids of the work that must be done before, with
        commas), slack_quarters, critical. Text that does not exist is null.

    Notes
    -----
    Slack counts the quarters that a row can slip before it moves a successor as scheduled, passes
    its latest quarter, or moves the end of the programme. A row is critical where it has none.
    Capacity is not looked at: a row with slack may still find no staff a quarter later.
    """
    instance = asked.instance
    order = in_order(instance, starts).tolist()
    number = {at: place for place, at in enumerate(order, 1)}
    slack = slack_of(instance, starts)
    rows = [
        (at, f"{number[at]}.{part}", work)
        for at in order
        for part, work in enumerate(asked.work[at], 1)
    ]
    places = np.array([at for at, *_ in rows], np.int64)
    begin = starts[places] + np.array([work.starts_after for *_, work in rows], np.int64)
    end = starts[places] + np.array([work.finishes_after for *_, work in rows], np.int64)
    lasts = np.array(instance.lasts, np.int64)[places]
    free = slack[places] + starts[places] + lasts - end
    waits = {at: _last_rows(asked, starts, at, number) for at in order}
    return Columns(
        {
            "id": Text.of(name for _, name, _ in rows),
            "chapter": _text([work.chapter for *_, work in rows]),
            "owner": _text([work.owner for *_, work in rows]),
            "initiative": Text.of(asked.names[at] for at, *_ in rows),
            "team": Text.of(work.team for *_, work in rows),
            "fte": np.array([work.fte for *_, work in rows], np.float64),
            "start_quarter": begin + 1,
            "finish_quarter": end,
            "start": days_of(asked.start, begin),
            "finish": days_of(asked.start, end) - np.timedelta64(1, "D"),
            "predecessor": _text([", ".join(waits[at]) or None for at, *_ in rows]),
            "slack_quarters": free,
            "critical": free <= 0,
        }
    )


def _last_rows(asked: Asked, starts: IntArray, at: int, number: dict[int, int]) -> list[str]:
    """Ids of the work with which those that come before are done."""
    return [
        f"{number[before]}.{part}"
        for before in asked.instance.before[at]
        if starts[before] != LEFT_OUT
        for part in _longest(asked.work[before])
    ]


def _longest(work: Sequence[Work]) -> list[int]:
    most = max(each.finishes_after for each in work)
    return [part for part, each in enumerate(work, 1) if each.finishes_after == most]


def _text(words: Sequence[str | None]) -> Text:
    """Text of which some is missing."""
    known = Text.of(word for word in words if word is not None)
    codes = np.full(len(words), -1, np.int64)
    codes[[word is not None for word in words]] = known.codes
    return Text(codes, known.words)
