"""Initiatives ranked by impact and ease, how sure the order is, and the programme that follows."""

from __future__ import annotations

from opsafe.ranking.acceptability import Acceptability, acceptability, of_scores
from opsafe.ranking.adapters import PICK_LABELS, AdaptedScores, rice, risk_priority_number, wsjf
from opsafe.ranking.agreement import Agreement, agreement
from opsafe.ranking.audit import AuditRecord, RatingCounts, StepReport
from opsafe.ranking.ballot import Ballot, ballot
from opsafe.ranking.can_be_best import CanBeBest, can_be_best
from opsafe.ranking.checks import RankReversal, rank_reversal_check, rank_reversals
from opsafe.ranking.concordance import KendallW, kendall_w
from opsafe.ranking.criteria import IMPACT_EASE_1_5, Criteria, Criterion, Step
from opsafe.ranking.criterion_correlation import CriterionCorrelation, criterion_correlation
from opsafe.ranking.cut_sensitivity import CutSensitivity, cut_sensitivity
from opsafe.ranking.editions import defaults, edition, editions
from opsafe.ranking.example import Example, example
from opsafe.ranking.explain import Explanation, RatingChange, Rival
from opsafe.ranking.figures import Defaults, PlanningValue
from opsafe.ranking.flips import (
    TopChange,
    WeightChange,
    single_weight_changes,
    smallest_change_to_top,
    smallest_weight_change,
)
from opsafe.ranking.group_order import GroupOrder, group_order, kemeny_distance
from opsafe.ranking.intraclass import IntraclassCorrelation, intraclass_correlation
from opsafe.ranking.krippendorff import KrippendorffAlpha, krippendorff_alpha
from opsafe.ranking.ordinal_recode import OrdinalRecode, ordinal_recode_check
from opsafe.ranking.oric import Oric, oric
from opsafe.ranking.pairwise import expected_ranks, win_probability
from opsafe.ranking.pareto import ParetoLayers, pareto_layers
from opsafe.ranking.portfolio import NextStep, Portfolio, portfolio, value_by_budget
from opsafe.ranking.quadrants import QUADRANTS, Quadrants, quadrants
from opsafe.ranking.rank import rank
from opsafe.ranking.ratings import Panel, read_ratings
from opsafe.ranking.readiness import Readiness, readiness
from opsafe.ranking.record import ResultRecord
from opsafe.ranking.result import Ranking
from opsafe.ranking.roadmap import Roadmap, roadmap
from opsafe.ranking.robust_portfolio import Regret, RobustPortfolio, robust_portfolio
from opsafe.ranking.rounds import Rounds, compare_rounds
from opsafe.ranking.score_flips import rating_changes, value_changes, without_each_rater
from opsafe.ranking.smaa import Smaa, smaa
from opsafe.ranking.ties import Ranks, TieRule, rank_counts
from opsafe.ranking.weight_set import WeightSet
from opsafe.ranking.weights import Weights, rank_order_centroid, read_weights, swing_weights
from opsafe.ranking.work import CHAPTERS, Work

__all__ = [
    "CHAPTERS",
    "IMPACT_EASE_1_5",
    "PICK_LABELS",
    "QUADRANTS",
    "Acceptability",
    "AdaptedScores",
    "Agreement",
    "AuditRecord",
    "Ballot",
    "CanBeBest",
    "Criteria",
    "Criterion",
    "CriterionCorrelation",
    "CutSensitivity",
    "Defaults",
    "Example",
    "Explanation",
    "GroupOrder",
    "IntraclassCorrelation",
    "KendallW",
    "KrippendorffAlpha",
    "NextStep",
    "OrdinalRecode",
    "Oric",
    "Panel",
    "ParetoLayers",
    "PlanningValue",
    "Portfolio",
    "Quadrants",
    "RankReversal",
    "Ranking",
    "Ranks",
    "RatingChange",
    "RatingCounts",
    "Readiness",
    "Regret",
    "ResultRecord",
    "Rival",
    "Roadmap",
    "RobustPortfolio",
    "Rounds",
    "Smaa",
    "Step",
    "StepReport",
    "TieRule",
    "TopChange",
    "WeightChange",
    "WeightSet",
    "Weights",
    "Work",
    "acceptability",
    "agreement",
    "ballot",
    "can_be_best",
    "compare_rounds",
    "criterion_correlation",
    "cut_sensitivity",
    "defaults",
    "edition",
    "editions",
    "example",
    "expected_ranks",
    "group_order",
    "intraclass_correlation",
    "kemeny_distance",
    "kendall_w",
    "krippendorff_alpha",
    "of_scores",
    "ordinal_recode_check",
    "oric",
    "pareto_layers",
    "portfolio",
    "quadrants",
    "rank",
    "rank_counts",
    "rank_order_centroid",
    "rank_reversal_check",
    "rank_reversals",
    "rating_changes",
    "read_ratings",
    "read_weights",
    "readiness",
    "rice",
    "risk_priority_number",
    "roadmap",
    "robust_portfolio",
    "single_weight_changes",
    "smaa",
    "smallest_change_to_top",
    "smallest_weight_change",
    "swing_weights",
    "value_by_budget",
    "value_changes",
    "win_probability",
    "without_each_rater",
    "wsjf",
]
