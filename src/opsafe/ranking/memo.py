"""A one-page memo of a ranking: what came out, how sure it is, and what is left to the team."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from opsafe.errors import ArgumentTypeError
from opsafe.ranking._names import listed
from opsafe.ranking._rank_fields import Told
from opsafe.ranking._rank_notes import NOT_RANKED, TWO_CAMPS
from opsafe.ranking._rank_record import by_rank, interval_of, place
from opsafe.ranking.flips import smallest_change_to_top
from opsafe.ranking.score_flips import without_each_rater

__all__ = ["memo"]

_TITLE = "Which initiatives first"
_KINDS = {
    "raters": "if other people of the same kind had rated",
    "weights": "if the weights lay elsewhere within their bounds",
    "both": "if other people had rated and the weights lay elsewhere",
}
_SPLIT_SHOWN = 5


def memo(ranking: Told, title: str | None = None) -> str:
    """Write the memo as Markdown; names of people are not in it."""
    parts = [f"# {_escaped(_read_title(title))}", _asked(ranking)]
    for heading, lines in _sections(ranking):
        parts.append(f"## {heading}")
        parts.append("\n".join(f"- {_escaped(line)}" for line in lines))
    parts.append(
        "This page informs. It does not decide: the team weighs what no rating holds, and decides."
    )
    return "\n\n".join(parts) + "\n"


def _read_title(title: object) -> str:
    if title is None:
        return _TITLE
    if not isinstance(title, str) or not title.strip():
        raise ArgumentTypeError("is no text", where="title", value=type(title).__name__)
    return title


def _asked(ranking: Told) -> str:
    counts = ranking.audit.counts
    given = ", ".join(
        f"{name} {value:.0%}"
        for name, value in zip(ranking.weights.names, ranking.weights.values.tolist(), strict=True)
    )
    people = "1 person" if counts.raters == 1 else f"{counts.raters} people"
    return _escaped(
        f"{people} rated {counts.initiatives} initiatives: {ranking.criteria.title}. {counts.read}"
        f" ratings count, {counts.missing} are missing. Weights: {given}."
    )


def _sections(ranking: Told) -> Iterator[tuple[str, list[str]]]:
    yield f"The first {_shown(ranking)}", list(_first(ranking)) or ["No initiative is ranked."]
    yield "How sure this is", list(_sure(ranking))
    yield "Where people differ", list(_differ(ranking))
    yield "What would change the order", list(_change(ranking))
    left_out = list(_left_out(ranking))
    if left_out:
        yield "What is left out", left_out
    told = (NOT_RANKED, TWO_CAMPS)  # the sections above have them
    cautions = [each for each in ranking.cautions if not each.startswith(told)]
    yield "What to mind", cautions or ["Nothing beyond the above."]
    yield "What it rests on", list(_rests_on(ranking))


def _shown(ranking: Told) -> int:
    return min(ranking.top, int((ranking.score_counts >= 0).sum()))


def _first(ranking: Told) -> Iterator[str]:
    """The first places; who is tied with the last of them is shown too."""
    order = [at for at in by_rank(ranking) if ranking.score_counts[at] >= 0]
    last = order[_shown(ranking) - 1] if order else -1
    table = ranking.table
    for at in order:
        if ranking.score_counts[at] < ranking.score_counts[last]:
            return
        told = [f"score {table['score'][at]:.2f}"]
        if table["quadrant"][at] is not None:
            told.append(_quadrant(table, at))
        if not np.isnan(table["rank_low"][at]):
            told.append(
                f"interval of ranks {interval_of(table, at)}, among the first {_shown(ranking)} in"
                f" {table['top_k_probability'][at]:.0%}"
            )
        else:
            told.append(f"no interval ({table['status'][at]})")
        yield f"{place(ranking, at)}: {ranking.initiatives[at]}: {'; '.join(told)}"


def _quadrant(table: Any, at: int) -> str:
    share = float(table["quadrant_probability"][at])
    told = str(table["quadrant"][at]).replace("_", " ")
    sure = "" if np.isnan(share) else f" in {share:.0%} of the draws"
    return f"{told}{sure}{', on the line' if table['on_the_line'][at] else ''}"


def _sure(ranking: Told) -> Iterator[str]:
    found = ranking.acceptability
    if found is None:
        yield "How sure the order is was not evaluated; see what to mind."
        return
    how = "all of them, exactly" if found.draws is None else f"{found.draws:,} draws"
    yield (
        f"Intervals and shares tell what would come out {_KINDS[ranking.uncertainty]} ({how});"
        f" an interval runs between the quantiles {ranking.audit.settings['rank_interval']}."
    )
    if found.draws is not None:
        worst = float(found.standard_errors.max())
        yield f"A share of draws has a standard error of {max(worst, 0.001):.1%} at most."
    named = np.flatnonzero(ranking.table["top_k_probability"] >= _ALWAYS)
    names = [ranking.initiatives[at] for at in named]
    if names:
        yield f"Among the first {_shown(ranking)} in at least {_ALWAYS:.0%}: {listed(names)}."
    else:
        yield f"No initiative is among the first {_shown(ranking)} in at least {_ALWAYS:.0%}."


_ALWAYS = 0.95  # the words of the memo say it


def _differ(ranking: Told) -> Iterator[str]:
    table = ranking.agreement.by_criterion
    for at, name in enumerate(table["criterion"].tolist()):
        w, complete = float(table["kendall_w"][at]), int(table["complete"][at])
        alpha = float(table["alpha_ordinal"][at])
        told = "not defined" if np.isnan(w) else f"{w:.2f} over {complete} initiatives"
        other = "not defined" if np.isnan(alpha) else f"{alpha:.2f} over all"
        yield f"{name}: Kendall's W {told}; ordinal alpha {other} (1 is full agreement)."
    spread = ranking.agreement.disagreement
    split = [
        name
        for name, two in zip(ranking.initiatives, ranking.agreement.two_camps, strict=True)
        if two
    ]
    if split:
        yield f"Two camps, worth talking over before a mean is used: {listed(split)}."
    order = [at for at in np.argsort(-np.nan_to_num(spread), kind="stable") if spread[at] > 0]
    if order:
        names = [ranking.initiatives[at] for at in order[:_SPLIT_SHOWN]]
        yield f"Ratings lie furthest apart on: {listed(names)}."


def _change(ranking: Told) -> Iterator[str]:
    rated = ~np.isnan(ranking.values).any(axis=1)
    number = int((rated & (ranking.score_counts >= 0)).sum())
    if number < 2 or number <= ranking.top:
        yield "All that are ranked stand among the first; no change of weights moves them out."
        return
    change = smallest_change_to_top(ranking, ranking.top)
    yield f"Weights: {change.reason}."
    explained = change.change
    if explained is not None and explained.new_weights is not None:
        pairs = zip(explained.criteria, explained.new_weights.tolist(), strict=True)
        told = ", ".join(f"{name} {value:.1%}" for name, value in pairs)
        yield f"The nearest such weights: {told}."
    if len(ranking.panel.raters) > 1:
        found = without_each_rater(ranking)["top_changes"]
        yield (
            f"People: without the ratings of one, the first {ranking.top} change in"
            f" {int(found.sum())} of {len(found)} cases."
        )
    yield "explain(name) tells for each initiative which rating or value would do it."


def _left_out(ranking: Told) -> Iterator[str]:
    table = ranking.table
    for at in np.flatnonzero(ranking.score_counts < 0).tolist():
        yield (
            f"{ranking.initiatives[at]}: {table['status'][at]}; its score would lie between"
            f" {table['score_low'][at]:.2f} and {table['score_high'][at]:.2f}."
        )
    for reason, count in ranking.audit.counts.set_aside.items():
        yield f"Cells set aside, {reason.replace('_', ' ')}: {count}."


def _rests_on(ranking: Told) -> Iterator[str]:
    table = ranking.inputs
    planned = [
        f"{name} {value}"
        for name, value, origin in zip(
            table["input"].tolist(), table["value"].tolist(), table["origin"].tolist(), strict=True
        )
        if origin == "planning value"
    ]
    yield f"Ratings between fixed anchors; joined by {ranking.aggregate}; weighted sum."
    yield f"Planning values, which are ours and no standard: {'; '.join(planned)}."
    for each in ranking.editions:
        yield each.citation
    yield f"Steps of the report after {ranking.audit.checklist_address}; three are for the host."
    yield (
        f"opsafe {ranking.audit.opsafe_version}, seed {ranking.seed}, inputs"
        f" {ranking.audit.inputs_hash[:12]}."
    )


def _escaped(words: str) -> str:
    """Words of a caller that make neither markup nor a new line."""
    line = " ".join(words.split())
    for sign in "\\`*_{}[]<>#|":
        line = line.replace(sign, f"\\{sign}")
    return line
