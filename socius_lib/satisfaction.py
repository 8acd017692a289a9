"""What the evaluations say: satisfaction and Net Promoter Score, with what chance can do to them.

Answers of one activity resemble each other, so intervals take the activity as the unit that was
drawn (`estimates.survey_mean`). They cover chance only: who did not answer may think otherwise.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd

from socius_lib import catalogue, estimates
from socius_lib.estimates import Estimate
from socius_lib.estimates.result import around, critical

SMALLEST = 5
"""Fewer answers than this are not shown apart: they come near to what one person said."""

STATEMENTS = {
    "stelling_inhoud": "inhoud",
    "stelling_begeleiding": "begeleiding",
    "stelling_praktijk": "bruikbaar in de praktijk",
    "stelling_organisatie": "organisatie",
}
ANSWERS = ("helemaal oneens", "oneens", "tussenin", "eens", "helemaal eens")
"""A1 to A5 of the four statements."""


FEWEST = 6
"""With fewer activities than this their spread is not to be estimated from themselves."""


def mean_score(answers: pd.DataFrame, everybody: pd.DataFrame | None = None) -> Estimate:
    """Return the mean satisfaction × 10, in percent, of rows of `evaluaties` that count.

    A mean over answers, not over activities (definities.md, Tevredenheid).

    Parameters
    ----------
    everybody : all answers of the year(s), of which `answers` are a part (`_clustered`).
    """
    return _clustered(answers, everybody, lambda rows: rows["tevredenheid"] * 10)


def net_promoters(answers: pd.DataFrame, everybody: pd.DataFrame | None = None) -> Estimate:
    """Return the Net Promoter Score, from -100 to 100, of rows of `evaluaties` that count.

    Parameters
    ----------
    everybody : all answers of the year(s), of which `answers` are a part (`_clustered`).
    """
    return _clustered(answers, everybody, _points)


def _points(rows: pd.DataFrame) -> pd.Series:
    given = rows["aanbeveling"]
    return (100.0 * (given >= 9) - 100.0 * (given <= 6)).where(given.notna())


def _clustered(
    answers: pd.DataFrame,
    everybody: pd.DataFrame | None,
    measure: Callable[[pd.DataFrame], pd.Series],
) -> Estimate:
    """Return the mean of a measure, with the activity as the unit that was drawn.

    Of fewer than `FEWEST` activities the interval is mean ± t · s/√n · √deff, with the design effect
    deff of `everybody`: how much wider activities make the interval of all answers (at least 1).
    """
    values = measure(answers).dropna()
    if len(values) < 2:
        return Estimate(float(values.mean()), np.nan, np.nan, len(values))
    activities = answers.loc[values.index, "activiteit_id"]
    if len(activities.unique()) >= FEWEST:
        kept = pd.DataFrame({"waarde": values, "activiteit_id": activities, "gewicht": 1.0})
        design = estimates.survey_design(kept, weights="gewicht", clusters="activiteit_id")
        return estimates.survey_mean(kept["waarde"], design)
    alone = float(values.std() / np.sqrt(len(values)))
    widening = 1.0
    if everybody is not None and len(everybody["activiteit_id"].unique()) >= FEWEST:
        of_all, whole = measure(everybody).dropna(), _clustered(everybody, None, measure)
        widening = max(1.0, (whole.se or 0.0) / float(of_all.std() / np.sqrt(len(of_all))))
    return around(float(values.mean()), alone * widening, len(values), 0.95, len(values) - 1)


def satisfaction_by(evaluaties: pd.DataFrame, by: Sequence[str]) -> pd.DataFrame:
    """Return satisfaction and Net Promoter Score per segment, each with its interval.

    Parameters
    ----------
    evaluaties : rows of that table; what does not count is left out.
    by : columns of it, e.g. `["vorm"]`.

    Returns
    -------
    DataFrame
        `by`, `n` (answers), `activiteiten`, `tevredenheid`, `tevredenheid_laag`,
        `tevredenheid_hoog` (percent), `nps`, `nps_laag`, `nps_hoog`. A segment with fewer than
        `SMALLEST` answers has its `n` and no scores. A missing value of `by` is a segment.
    """
    for name in by:
        catalogue.EVALUATIES.column(name)
    rows = []
    everybody = evaluaties[evaluaties["telt_mee"]]
    for key, answers in everybody.groupby(list(by), dropna=False):
        enough = answers if len(answers) >= SMALLEST else answers.iloc[:0]
        score, nps = mean_score(enough, everybody), net_promoters(enough, everybody)
        activities = answers["activiteit_id"].nunique()
        scores = (score.value, score.low, score.high, nps.value, nps.low, nps.high)
        rows.append((*key, len(answers), activities, *scores))
    measures = ("tevredenheid", "tevredenheid_laag", "tevredenheid_hoog")
    columns = [*by, "n", "activiteiten", *measures, "nps", "nps_laag", "nps_hoog"]
    return pd.DataFrame(rows, columns=columns)


def funnel_limits(evaluaties: pd.DataFrame, level: float = 0.998) -> pd.DataFrame:
    """Return between which scores an activity lies by chance alone, per number of answers.

    mean ± z · s/√n, with s the standard deviation of answers within activities, cut off at 0 and
    100. At 99.8 % one activity in five hundred falls outside by chance.

    Returns
    -------
    DataFrame
        `n` from `SMALLEST` to the most answers of one activity, `laag`, `hoog` (percent).

    Source: Spiegelhalter (2005), Funnel plots for comparing institutional performance, Statistics in
    Medicine 24, 1185-1202.
    """
    answers = evaluaties[evaluaties["telt_mee"]].dropna(subset="tevredenheid")
    score, per = answers["tevredenheid"] * 10, answers.groupby("activiteit_id")["tevredenheid"]
    within = score - per.transform("mean") * 10
    spread = np.sqrt((within**2).sum() / (len(answers) - per.ngroups))
    sizes = np.arange(SMALLEST, max(SMALLEST, int(per.size().max())) + 1)
    reach = critical(level) * spread / np.sqrt(sizes)
    low, high = (score.mean() - reach).clip(0), (score.mean() + reach).clip(max=100)
    return pd.DataFrame({"n": sizes, "laag": low, "hoog": high})


def statement_shares(evaluaties: pd.DataFrame) -> pd.DataFrame:
    """Return per statement the percentage of each answer, of those who answered it, and `n`."""
    answers = evaluaties[evaluaties["telt_mee"]]
    rows = []
    for column, name in STATEMENTS.items():
        given = answers[column].dropna()
        shares = given.value_counts(normalize=True) * 100
        of_answer = {text: shares.get(str(i), 0.0) for i, text in enumerate(ANSWERS, start=1)}
        rows.append({"stelling": name, **of_answer, "n": len(given)})
    return pd.DataFrame(rows)


def score_model(evaluaties: pd.DataFrame) -> pd.DataFrame:
    """Return how the score of an answer differs by form and theme, each with the other held equal.

    Least squares on form and theme, errors clustered by activity (`estimates.cluster_regression`).
    The form and the theme with most answers are what the others are compared with. A theme with
    fewer than `SMALLEST` answers is left out.

    Returns
    -------
    DataFrame
        `kenmerk`, `waarde`, `verschil`, `laag`, `hoog` (percentage points), `n` (answers with that
        value), `activiteiten`, `p` (corrected for the number of comparisons, Holm). No rows when
        there is nothing to compare.
    """
    answers = evaluaties[evaluaties["telt_mee"]].dropna(subset=["tevredenheid", "vorm", "thema"])
    answers = answers.assign(score=answers["tevredenheid"] * 10)
    for name in ("vorm", "thema"):
        size = answers.groupby(name)["score"].transform("size")
        activities = answers.groupby(name)["activiteit_id"].transform("nunique")
        answers = answers[(size >= SMALLEST) & (activities > 1)]
    base = {name: answers[name].mode().min() for name in ("vorm", "thema")}
    terms = [
        f"C({name}, Treatment('{base[name]}'))" for name in base if len(answers[name].unique()) > 1
    ]
    columns = ["kenmerk", "waarde", "verschil", "laag", "hoog", "n", "activiteiten", "p"]
    if not terms:
        return pd.DataFrame(columns=columns)
    model = estimates.cluster_regression(answers, f"score ~ {' + '.join(terms)}", "activiteit_id")
    rows = []
    for name, found in model.coefficients.items():
        if name == "Intercept":
            continue
        feature = "vorm" if name.startswith("C(vorm") else "thema"
        value = name.rpartition("[T.")[2].removesuffix("]")
        of_value = answers[answers[feature] == value]
        counts = (len(of_value), of_value["activiteit_id"].nunique())
        rows.append(
            (feature, value, found.value, found.low, found.high, *counts, model.p_value(name))
        )
    table = pd.DataFrame(rows, columns=columns)
    return table.assign(p=estimates.adjusted_p_values(table["p"], method="holm"))
