"""Made-up regions for siting: towns with areas around them, sites in some, travel between them."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from opsafe.workforce.reach import Reach

# What makes it hard is how many members are in reach of a site for each head: with many, any
# placement fills every head; with few, heads are shared out in parts of a head.
REGIMES: Final = {
    "heads are scarce": {"heads": 20, "panel": 42.9, "minutes": 30.0},
    "reach is short": {"heads": 30, "panel": 42.9, "minutes": 15.0},
    "panels are large": {"heads": 6, "panel": 200.0, "minutes": 30.0},
    "panels are very large": {"heads": 4, "panel": 400.0, "minutes": 30.0},
}


def region(
    regime: str = "reach is short",
    *,
    areas: int = 300,
    sites: int = 60,
    existing: float = 0.1,
    seed: int = 2026,
) -> dict[str, Any]:
    """Return the arguments of `site` for a region of 80 by 80 miles.

    Half of the areas lie around twelve towns, the others anywhere; so do the sites. Roads are
    longer than straight lines and not the same both ways. Gaps are log-normal, 3 members on
    average. Some sites have a head already.
    """
    chosen = REGIMES[regime]
    source = np.random.Generator(np.random.PCG64(seed))
    towns = source.uniform(10, 70, (12, 2))

    def places(count: int) -> Any:
        around = towns[source.integers(len(towns), size=count)] + source.normal(0, 6, (count, 2))
        anywhere = source.uniform(0, 80, (count, 2))
        return np.where(source.random((count, 1)) < 0.5, around, anywhere)

    homes, offices = places(areas), places(sites)
    straight = np.hypot(*(homes[:, None, :] - offices[None, :, :]).transpose(2, 0, 1))
    miles = straight * source.uniform(1.1, 1.5, straight.shape)
    return {
        "gaps": source.lognormal(np.log(3) - 0.5, 1, areas),
        "travel_minutes": 4 + miles * 60 / source.uniform(30, 50, straight.shape),
        "travel_miles": miles,
        "existing": (source.random(sites) < existing).astype(np.float64),
        "new_heads": int(chosen["heads"]),
        "panel": chosen["panel"],
        "plan_share": 0.5,
        "limit": Reach(minutes=chosen["minutes"], miles=chosen["minutes"] / 2, logic="either"),
    }
