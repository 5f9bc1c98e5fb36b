"""Which codes the open questions leave, and why not one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from opsafe.oud.reasons import CodeReason

__all__ = ["Candidates", "settled_or_open"]


@dataclass(frozen=True, slots=True)
class Candidates:
    """The codes still possible; one answer alone is settled."""

    codes: tuple[str, ...]
    reason: CodeReason | None
    """None where the code is settled."""


def settled_or_open(
    answers: Iterable[tuple[str, ...]],
    *,
    unanswered: CodeReason | None,
    missing: CodeReason,
    none: CodeReason = CodeReason.NO_DISORDER,
) -> Candidates:
    """Tell the codes of the answers that are left open.

    Parameters
    ----------
    answers : iterable of tuple of str
        The distinct answers that are possible; an empty one is "no code".
    unanswered : CodeReason or None
        A question without whose answer no code is told.
    missing : CodeReason
        Why there are several answers otherwise.
    none : CodeReason, optional
        Why there is no code, where that is certain.

    Returns
    -------
    Candidates
        No code where a single one would look settled and is not.
    """
    distinct = tuple(dict.fromkeys(answers))
    if len(distinct) == 1:
        return Candidates(distinct[0], None if distinct[0] else none)
    if unanswered is not None:
        return Candidates((), unanswered)
    found = tuple(dict.fromkeys(code for answer in distinct for code in answer))
    return Candidates(found if len(found) > 1 else (), missing)
