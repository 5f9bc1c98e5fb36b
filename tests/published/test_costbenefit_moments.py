"""Published rows on distributions by their moments, counts and intervals."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any, Final

import pytest

from opsafe.uncertainty import Beta, Dirichlet, Gamma, LogNormal, from_interval

HERE: Final = Path(__file__).parent
_ROWS: Final = list(
    csv.DictReader((HERE / "costbenefit_moments.csv").read_text(encoding="utf-8").splitlines())
)
ROWS: Final[dict[str, tuple[Any, Any]]] = {
    row["id"]: (json.loads(row["inputs"]), json.loads(row["expected"])) for row in _ROWS
}


@pytest.mark.parametrize("name", ["MOM-01", "MOM-03"])
def test_beta_by_mean_and_sd(name: str) -> None:
    given, wanted = ROWS[name]
    found = Beta(mean=given["mean"], sd=given["sd"])
    assert (found.alpha, found.beta) == pytest.approx((wanted["a"], wanted["b"]), rel=1e-9)


@pytest.mark.parametrize("name", ["MOM-04", "MOM-05"])
def test_gamma_by_mean_and_sd(name: str) -> None:
    given, wanted = ROWS[name]
    found = Gamma(mean=given["mean"], sd=given["sd"])
    assert (found.shape, found.scale) == pytest.approx((wanted["shape"], wanted["scale"]), rel=1e-9)


def test_mom_09_dirichlet_by_counts_and_by_moments() -> None:
    given, wanted = ROWS["MOM-09"]
    names, number = "abc", given["n"]
    counted = Dirichlet.from_counts(
        {name: mean * number for name, mean in zip(names, given["mean"], strict=True)}
    )
    assert counted.alpha == pytest.approx(wanted["alpha_counts"], rel=1e-9)
    means = dict(zip(names, given["mean"], strict=True))
    errors = {name: (mean * (1 - mean) / number) ** 0.5 for name, mean in means.items()}
    matched = Dirichlet.from_mean_and_sd(means, errors)
    assert matched.alpha == pytest.approx(wanted["alpha_dampack"], rel=1e-9)


def test_mom_10_log_normal_of_a_ratio() -> None:
    given, wanted = ROWS["MOM-10"]
    found = from_interval("lognormal", given["mean"], given["low"], given["high"])
    assert isinstance(found, LogNormal)
    assert found.meanlog == pytest.approx(wanted["meanlog"], rel=1e-9)
    assert found.sdlog == pytest.approx(wanted["sdlog"], rel=1e-9)
