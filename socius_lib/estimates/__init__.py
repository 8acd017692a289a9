"""Estimates: numbers from samples, codes, scales and networks, with their uncertainty.

Plain functions on arrays and tables; each tells its formula and source. They are checked against the
reference cases of tests/references.

- `proportions`: shares and the Net Promoter Score, also of few answers and of a finite population;
- `surveys`, `weighting`: stratified, clustered and weighted samples; raking and calibration;
- `models`: regressions for grouped rows, ordered answers and counts;
- `comparisons`: tests of groups and tables, corrected for how many there are;
- `agreement`, `scales`: readers who code, items that form a scale;
- `distribution`: inequality, concentration, growth;
- `networks`: one and two kinds of nodes;
- `disclosure`: what a table gives away.

statsmodels and networkx load with the first function that needs them.
"""

from socius_lib.estimates.agreement import (
    agreement,
    krippendorff_alpha,
    krippendorff_disagreement,
    masi_distance,
    set_distance,
    unitising_alpha,
    unitising_disagreement,
)
from socius_lib.estimates.comparisons import (
    Association,
    adjusted_p_values,
    association,
    compare_all_means,
    compare_groups,
    compare_means,
    compare_pairs,
    compare_repeated,
    fisher_p_value,
    rank_sum,
    signed_rank,
)
from socius_lib.estimates.disclosure import (
    dominance_of_percent,
    dominates,
    feasible_ranges,
    is_safe,
    percent_of_dominance,
    second_guess_percent,
)
from socius_lib.estimates.distribution import (
    atkinson,
    balanced_index,
    chained_index,
    concentration_ratio,
    gini,
    herfindahl,
    lorenz,
    lorenz_asymmetry,
    lorenz_share,
    rosenbluth,
    theil,
)
from socius_lib.estimates.models import (
    cluster_regression,
    count_regression,
    mixed_model,
    ordered_logit,
)
from socius_lib.estimates.networks import (
    centralities,
    communities,
    modularity,
    network_measures,
    two_mode_centrality,
)
from socius_lib.estimates.proportions import (
    net_promoter_score,
    promoter_counts,
    proportion,
    proportion_finite,
    sample_size_mean,
    sample_size_proportion,
    simultaneous_proportions,
)
from socius_lib.estimates.result import Estimate, Model, Outcome, difference
from socius_lib.estimates.scales import (
    alpha_of_covariance,
    cronbach_alpha,
    intraclass_correlation,
    mcdonald_omega,
    omega_hierarchical,
    reverse_keyed,
)
from socius_lib.estimates.surveys import (
    Design,
    design_effect,
    survey_design,
    survey_independence,
    survey_mean,
    survey_quantile,
    survey_ratio,
    survey_regression,
    survey_share,
    survey_total,
)
from socius_lib.estimates.weighting import calibrate, kish_design_effect, poststratify, rake

__all__ = [
    "Association",
    "Design",
    "Estimate",
    "Model",
    "Outcome",
    "adjusted_p_values",
    "agreement",
    "alpha_of_covariance",
    "association",
    "atkinson",
    "balanced_index",
    "calibrate",
    "centralities",
    "chained_index",
    "cluster_regression",
    "communities",
    "compare_all_means",
    "compare_groups",
    "compare_means",
    "compare_pairs",
    "compare_repeated",
    "concentration_ratio",
    "count_regression",
    "cronbach_alpha",
    "design_effect",
    "difference",
    "dominance_of_percent",
    "dominates",
    "feasible_ranges",
    "fisher_p_value",
    "gini",
    "herfindahl",
    "intraclass_correlation",
    "is_safe",
    "kish_design_effect",
    "krippendorff_alpha",
    "krippendorff_disagreement",
    "lorenz",
    "lorenz_asymmetry",
    "lorenz_share",
    "masi_distance",
    "mcdonald_omega",
    "mixed_model",
    "modularity",
    "net_promoter_score",
    "network_measures",
    "omega_hierarchical",
    "ordered_logit",
    "percent_of_dominance",
    "poststratify",
    "promoter_counts",
    "proportion",
    "proportion_finite",
    "rake",
    "rank_sum",
    "reverse_keyed",
    "rosenbluth",
    "sample_size_mean",
    "sample_size_proportion",
    "second_guess_percent",
    "set_distance",
    "signed_rank",
    "simultaneous_proportions",
    "survey_design",
    "survey_independence",
    "survey_mean",
    "survey_quantile",
    "survey_ratio",
    "survey_regression",
    "survey_share",
    "survey_total",
    "theil",
    "two_mode_centrality",
    "unitising_alpha",
    "unitising_disagreement",
]
