"""A count in words, in HTML and as plain values. Always "threshold reached", never "diagnosed"."""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import Any

from opsafe.oud._counted import Counted
from opsafe.oud._outcomes import band
from opsafe.oud.bounds import Bounds
from opsafe.oud.states import Remission, Severity

__all__ = [
    "band_words",
    "between",
    "count_html",
    "count_record",
    "count_sentence",
    "count_table",
    "pair",
]

_ANSWERS = {True: "yes", False: "no", None: "unknown"}


def between(bounds: Bounds[Any]) -> str:
    """Bounds in words: one value, or the lower to the upper."""
    if bounds.is_certain:
        return str(bounds.lower)
    if isinstance(bounds.lower, Severity):
        return _either([each.word for each in Severity.between(bounds.lower, bounds.upper)])
    return f"{bounds.lower} to {bounds.upper}"


def band_words(severity: Bounds[Severity]) -> str:
    """Bands in words, where none is "below mild"."""
    return between(severity).replace("none", "below mild")


def _either(words: list[str]) -> str:
    return f"{', '.join(words[:-1])} or {words[-1]}" if len(words) > 1 else words[0]


def listed(ids: Sequence[str], order: Sequence[str]) -> str:
    """Identifiers with runs of three and more drawn together: A2, A5 to A9."""
    runs: list[list[int]] = []
    for position in map(order.index, ids):
        if runs and runs[-1][-1] == position - 1:
            runs[-1].append(position)
        else:
            runs.append([position])
    words = []
    for run in runs:
        names = [order[position] for position in run]
        words += [f"{names[0]} to {names[-1]}"] if len(names) > 2 else names
    return ", ".join(words)


def _supervision(count: Counted) -> str:
    answer = count.solely_supervised
    if answer is None:
        return "sole medical supervision not answered"
    if answer:
        exempt = [
            name
            for name, counts in zip(count.criteria_edition.ids, count.counts, strict=True)
            if counts is False
        ]
        without = f", so {' and '.join(exempt)} do not count" if exempt else ""
        return f"opioids taken solely under medical supervision{without}"
    return "opioids not taken solely under medical supervision"


def _stem(count: Counted) -> str:
    answer = count.impairment_or_distress
    if answer is None:
        return "impairment or distress not answered"
    return "impairment or distress present" if answer else "no impairment or distress"


def _missing(count: Counted) -> str:
    ids = count.missing
    if not ids:
        return "no answer missing"
    answers = "1 answer" if len(ids) == 1 else f"{len(ids)} answers"
    return f"{answers} missing ({listed(ids, count.criteria_edition.ids)})"


def _threshold(count: Counted) -> str:
    severity = count.severity
    if severity.lower > Severity.NONE:
        return "the criteria threshold is reached, a diagnosis is the clinician's"
    if severity.upper > Severity.NONE:
        return "the criteria threshold may be reached, a diagnosis is the clinician's"
    if count.criteria_met.upper >= count.criteria_edition.bands.mild:
        return "without impairment or distress there is no band"
    return "the criteria threshold is not reached"


def _of(count: Counted) -> str:
    total = sum(each is not False for each in count.counts)
    met = count.criteria_met
    return f"{between(met)} of {total} {'criterion' if total == 1 else 'criteria'}"


def _bands(count: Counted) -> str:
    """The bands that are possible: with an open stem, none beside those of the count."""
    severity = count.severity
    if severity.upper is Severity.NONE:
        return "below mild" if count.impairment_or_distress is not False else "no band"
    if count.impairment_or_distress is not None:
        return band_words(severity)
    least = band(count.criteria_met.lower, count.criteria_edition.thresholds)
    words = [each.word for each in Severity.between(max(least, Severity.MILD), severity.upper)]
    return _either(["below mild", *words])


def count_sentence(count: Counted) -> str:
    """What a person should read: the count, the band, the questions asked and not answered."""
    parts = [
        _of(count),
        _bands(count),
        _supervision(count),
        _stem(count),
        _missing(count),
    ]
    if count.pain_adjusted is not None and count.pain_adjusted_severity is not None:
        adjusted = f"{between(count.pain_adjusted)}, {band_words(count.pain_adjusted_severity)}"
        parts.append(f"without criteria whose only motive is pain: {adjusted}")
    return "; ".join([*parts, _threshold(count)])


def pair(bounds: Bounds[Any] | None) -> list[Any] | None:
    """Bounds as a list of two plain values, states as words."""
    if bounds is None:
        return None
    return [
        str(each) if isinstance(each, Severity | Remission) else each
        for each in (bounds.lower, bounds.upper)
    ]


def count_record(count: Counted) -> dict[str, Any]:
    """The count as plain values: bounds as pairs, bands as words."""
    return {
        "edition": count.edition,
        "answers": dict(zip(count.criteria_edition.ids, count.answers, strict=True)),
        "solely_supervised": count.solely_supervised,
        "impairment_or_distress": count.impairment_or_distress,
        "comorbid": [state.value for state in count.comorbid],
        "criteria_met": pair(count.criteria_met),
        "severity": pair(count.severity),
        "candidate_icd10cm": list(count.candidate_icd10cm),
        "code_reason": count.code_reason,
        "would_settle": list(count.would_settle),
        "pain_adjusted": pair(count.pain_adjusted),
        "pain_adjusted_severity": pair(count.pain_adjusted_severity),
        "sentence": count_sentence(count),
    }


def count_html(count: Counted) -> str:
    """The count for a notebook: the sentence, the codes, the table, the sources."""
    joint = " and " if count.code_reason is None else " or "
    codes = joint.join(count.candidate_icd10cm) or "none"
    why = f" ({count.code_reason.advice})" if count.code_reason else ""
    settle = ", ".join(count.would_settle) or "nothing"
    asked = count.asked
    return (
        f"<p><b>{html.escape(count_sentence(count))}</b></p>"
        f"<p>Candidate ICD-10-CM codes: {html.escape(codes + why)}. "
        f"Can still change the band: {html.escape(settle)}.</p>"
        f"{count_table(count)}"
        f"<p>{html.escape(asked.criteria.citation())}<br>{html.escape(asked.codes.citation())}</p>"
    )


def count_table(count: Counted) -> str:
    """A row for each criterion: what was answered, and whether it counts."""
    cells = (
        (one.id, one.wording or one.label, one.group, _ANSWERS[answer], _counted(answer, counts))
        for one, answer, counts in zip(
            count.criteria_edition.criteria, count.answers, count.counts, strict=True
        )
    )
    rows = "".join(
        "<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in row) + "</tr>" for row in cells
    )
    return (
        "<table><thead><tr><th>id</th><th>criterion</th><th>group</th><th>answer</th>"
        f"<th>counts</th></tr></thead><tbody>{rows}</tbody></table>"
    )


def _counted(answer: bool | None, counts: bool | None) -> str:
    if counts is False:
        return "exempt"
    if answer is False:
        return "no"
    return "yes" if answer and counts else "open"
