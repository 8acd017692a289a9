"""The models of the value research: written down before the data were looked at, then only fitted.

What is tested, with which predictors and why, stands in `MODELS`; a model that a year cannot give is
reported as not fitted, never changed. Results are associations: organisations chose their functions
and roles themselves, and nobody was assigned anything.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from socius_lib import estimates
from socius_lib.estimates import Model
from socius_lib.estimates.result import around
from socius_lib.value_research.variables import BY_NAME

PER_PREDICTOR = 15
"""Organisations that each predictor takes, at least (a common rule of thumb for regressions)."""
FEWEST = 5
"""Organisations with and without a yes-or-no predictor, at least: one alone would decide its effect."""


@dataclass(frozen=True)
class Term:
    """An outcome or a predictor: a variable of the data set, or what is made of it.

    Attributes
    ----------
    label : Dutch.
    how : as it is; `log2`, so that one more is a doubling; `log2_plus_1`, where 0 occurs; `is`, 1 for
        the code `by` and 0 for others; `per_100`, per hundred of the variable `by`.
    """

    variable: str
    label: str
    how: Literal["as it is", "log2", "log2_plus_1", "is", "per_100"] = "as it is"
    by: int | str = ""

    @property
    def needs(self) -> tuple[str, ...]:
        """The variables that it is made of."""
        return (self.variable, str(self.by)) if self.how == "per_100" else (self.variable,)

    def values(self, table: pd.DataFrame) -> pd.Series:
        """Return its values; missing where one of its variables is, and for the logarithm of 0."""
        raw = table[self.variable].astype("float64")
        if self.how == "is":
            return (raw == self.by).astype("float64").where(raw.notna())
        if self.how == "per_100":
            whole = table[str(self.by)].astype("float64")
            return 100 * raw / whole.where(whole > 0)
        if self.how == "as it is":
            return raw
        shifted = raw + 1 if self.how == "log2_plus_1" else raw
        return pd.Series(np.log2(shifted.where(shifted > 0)), index=table.index)


@dataclass(frozen=True)
class ModelPlan:
    """A model before it is fitted.

    Attributes
    ----------
    tested : the predictors about which there is a question; only these have a p-value.
    held_equal : the predictors that are there to compare like with like, and are not interpreted.
    why : the question, Dutch.
    """

    name: str
    outcome: Term
    tested: tuple[Term, ...]
    held_equal: tuple[Term, ...]
    why: str

    @property
    def predictors(self) -> tuple[Term, ...]:
        return self.tested + self.held_equal


_SIZE = Term("vte", "medewerkers (vte, logaritme)", "log2")

MODELS: tuple[ModelPlan, ...] = (
    ModelPlan(
        "waarde voor personen",
        Term("waarde_personen", "waarde voor personen (1–5)"),
        (
            Term("aandeel_leer_pct", "aandeel leerfunctie"),
            Term("aandeel_cultuur_pct", "aandeel cultuurfunctie"),
        ),
        (_SIZE,),
        "Leren en cultuur beleven richten zich op de persoon: zien organisaties die er meer "
        "activiteiten voor doen, meer waarde voor personen?",
    ),
    ModelPlan(
        "waarde voor gemeenschappen",
        Term("waarde_gemeenschappen", "waarde voor gemeenschappen (1–5)"),
        (
            Term("aandeel_gemeenschap_pct", "aandeel gemeenschapsvormende functie"),
            Term("rol", "verbindende rol", "is", 3),
        ),
        (_SIZE,),
        "Gemeenschapsvorming en verbinden richten zich op groepen: zien organisaties met die functie "
        "en rol meer waarde voor gemeenschappen?",
    ),
    ModelPlan(
        "waarde voor de samenleving",
        Term("waarde_samenleving", "waarde voor de samenleving (1–5)"),
        (
            Term("aandeel_beweging_pct", "aandeel maatschappelijke bewegingsfunctie"),
            Term("rol", "kritische rol", "is", 1),
        ),
        (_SIZE,),
        "Maatschappelijke beweging en kritiek richten zich op de samenleving: zien organisaties met "
        "die functie en rol meer waarde voor de samenleving?",
    ),
    ModelPlan(
        "plan en praktijk",
        Term(
            "plan_functie_beweging", "bewegingsfunctie in het plan (per 100 fragmenten)",
            "per_100", "plan_fragmenten",
        ),
        (Term("aandeel_beweging_pct", "aandeel maatschappelijke bewegingsfunctie"),),
        (Term("rol", "kritische rol", "is", 1), _SIZE),
        "Staat de maatschappelijke bewegingsfunctie meer in het beleidsplan van organisaties die er "
        "meer activiteiten voor doen?",
    ),
    ModelPlan(
        "bereik van Socius",
        Term("personen", "personen in het aanbod van Socius (logaritme)", "log2_plus_1"),
        (_SIZE,),
        (
            Term("vrijwilligers", "vrijwilligers (logaritme)", "log2"),
            Term("type", "type thema", "is", 2),
            Term("type", "type doelgroep", "is", 3),
        ),
        "Komen uit grotere organisaties meer mensen naar het aanbod van Socius?",
    ),
)  # fmt: skip

RESULTS = ["model", "uitkomst", "kenmerk", "getoetst", "n", "voorspellers", "hoogstens",
           "effect", "laag", "hoog", "p", "p_holm", "reden"]  # fmt: skip


def robust_regression(outcome: pd.Series, predictors: pd.DataFrame, level: float = 0.95) -> Model:
    """Return a least-squares line with errors that need not be equally large (HC3).

    Covariance (X′X)⁻¹ X′ diag(e²/(1−h)²) X (X′X)⁻¹ with h the leverages; t intervals with n − k
    degrees of freedom. Of the four HC forms it errs least in small samples.

    Parameters
    ----------
    predictors : a column each, no constant (it is added as `constante`); complete rows only.

    Source: MacKinnon & White (1985), Journal of Econometrics 29, 305-325; Long & Ervin (2000), The
    American Statistician 54, 217-224; computed by `statsmodels.api.OLS(...).fit(cov_type="HC3")`.
    """
    import statsmodels.api as sm

    design = predictors.assign(constante=1.0)
    fit = sm.OLS(outcome, design).fit(cov_type="HC3", use_t=True)
    n, df = len(outcome), len(outcome) - design.shape[1]
    found = {
        str(name): around(float(value), float(fit.bse[name]), n, level, df)
        for name, value in fit.params.items()
    }
    return Model(found, n, df)


def _why_not(plan: ModelPlan, table: pd.DataFrame, complete: pd.DataFrame) -> str | None:
    """Return why a model cannot be fitted as it was planned, in Dutch; None when it can."""
    names = dict.fromkeys(name for term in (plan.outcome, *plan.predictors) for name in term.needs)
    lacking = [BY_NAME[name].nl for name in names if table[name].isna().all()]
    if lacking:
        return f"niet gevraagd dat jaar: {'; '.join(lacking)}"
    k, n = len(plan.predictors), len(complete)
    if k > n / PER_PREDICTOR:
        return f"te weinig organisaties met alle gegevens: {n} voor {k} voorspellers"
    same = [str(name) for name in complete if complete[name].nunique() < 2]
    if same:
        return f"geen verschil tussen organisaties in: {'; '.join(same)}"
    yes_no = [term.label for term in plan.predictors if term.how == "is"]
    few = [label for label in yes_no if complete[label].value_counts().min() < FEWEST]
    if few:
        return f"te weinig organisaties met of zonder: {'; '.join(few)}"
    design = complete[[term.label for term in plan.predictors]].assign(constante=1.0)
    if np.linalg.matrix_rank(design.to_numpy()) < design.shape[1]:
        return "voorspellers die samen hetzelfde zeggen"
    return None


def _complete(plan: ModelPlan, table: pd.DataFrame) -> pd.DataFrame:
    terms = (plan.outcome, *plan.predictors)
    return pd.DataFrame({term.label: term.values(table) for term in terms}).dropna()


def fit_models(table: pd.DataFrame, plans: Sequence[ModelPlan] = MODELS) -> pd.DataFrame:
    """Return what the planned models give for one year's rows of `research_table`.

    The outcome is in its standard deviations; a predictor that is a number too, one that is yes or
    no is not: its effect is that of yes. The models thus stand beside each other.

    Returns
    -------
    DataFrame
        a row per predictor: `RESULTS`. `hoogstens` is how many predictors n allows (`PER_PREDICTOR`).
        Only what is tested has `p`, and `p_holm`, corrected for all tests of all models that were
        fitted. A model that cannot be fitted has its rows, with `reden`.
    """
    rows: list[dict[str, object]] = []
    for plan in plans:
        complete = _complete(plan, table)
        why_not = _why_not(plan, table, complete)
        model = None if why_not else robust_regression(*_standardised(plan, complete))
        for term in plan.predictors:
            row: dict[str, object] = {
                "model": plan.name,
                "uitkomst": plan.outcome.label,
                "kenmerk": term.label,
                "getoetst": term in plan.tested,
                "n": len(complete),
                "voorspellers": len(plan.predictors),
                "hoogstens": len(complete) // PER_PREDICTOR,
                "reden": why_not or "",
            }
            if model:
                found = model.coefficients[term.label]
                row |= {"effect": found.value, "laag": found.low, "hoog": found.high}
                row["p"] = model.p_value(term.label) if term in plan.tested else np.nan
            rows.append(row)
    results = pd.DataFrame(rows).reindex(columns=RESULTS)
    results = results.astype(dict.fromkeys(["effect", "laag", "hoog", "p", "p_holm"], "float64"))
    tested = results["p"].notna()
    results.loc[tested, "p_holm"] = estimates.adjusted_p_values(results.loc[tested, "p"], "holm")
    return results


def _standardised(plan: ModelPlan, complete: pd.DataFrame) -> tuple[pd.Series, pd.DataFrame]:
    scaled = (complete - complete.mean()) / complete.std()
    predictors = {
        term.label: complete[term.label] if term.how == "is" else scaled[term.label]
        for term in plan.predictors
    }
    return scaled[plan.outcome.label], pd.DataFrame(predictors)


def list_plans(plans: Sequence[ModelPlan] = MODELS) -> pd.DataFrame:
    """Return the models as they were planned: `model`, `vraag`, `uitkomst`, `getoetst`, `gelijk`."""
    rows = [
        (
            plan.name,
            plan.why,
            plan.outcome.label,
            "; ".join(term.label for term in plan.tested),
            "; ".join(term.label for term in plan.held_equal),
        )
        for plan in plans
    ]
    return pd.DataFrame(rows, columns=["model", "vraag", "uitkomst", "getoetst", "gelijk"])
