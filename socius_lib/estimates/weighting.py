"""Weights that make a sample agree with what is known of the population.

The standard errors of what is estimated with them count the calibration in: see `surveys.covariance`.
Raked weights handed on as if they were design weights give other ones.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from socius_lib.errors import SociusError
from socius_lib.estimates.surveys import Design


def rake(
    design: Design,
    frame: pd.DataFrame,
    margins: Mapping[str, Mapping[Hashable, float]],
    *,
    rounds: int = 1000,
) -> Design:
    """Return the design with weights that reproduce several margins at once.

    Iterative proportional fitting: the weights of each level are multiplied by known / estimated
    total, margin after margin, until every margin agrees to 10⁻¹⁰ of the population.

    Parameters
    ----------
    frame : the data, in the order of the design.
    margins : per column the number of units of the population with each level; the totals of the
        margins must be the same.
    rounds : after how many passes it is given up.

    Raises
    ------
    SociusError
        for levels that are in the data and not in the margin or the other way round, margins with
        different totals, a design that is calibrated already, and margins that cannot be met.

    Source: Deming & Stephan (1940), Annals of Mathematical Statistics 11, 427-444; Deville, Särndal
    & Sautory (1993), JASA 88, 1013-1020.
    """
    groups = {column: _levels(frame, column, known) for column, known in margins.items()}
    targets = {
        column: np.array([known[level] for level in groups[column][1]], dtype=float)
        for column, known in margins.items()
    }
    sizes = [float(target.sum()) for target in targets.values()]
    if max(sizes) - min(sizes) > 1e-6 * max(sizes):
        raise SociusError("De marges tellen niet tot hetzelfde totaal op.")
    _check_plain(design)
    weights = design.weights.copy()
    for _ in range(rounds):
        for column, (codes, _names) in groups.items():
            weights *= (targets[column] / np.bincount(codes, weights))[codes]
        gaps = [
            np.abs(np.bincount(codes, weights) - targets[column]).max()
            for column, (codes, _names) in groups.items()
        ]
        if max(gaps) <= 1e-10 * max(sizes):
            dummies = [np.eye(len(names))[codes] for codes, names in groups.values()]
            known = np.column_stack(dummies)
            return replace(design, weights=weights, calibration=(known, design.weights))
    raise SociusError("De weging komt niet uit: de marges spreken elkaar in deze gegevens tegen.")


def poststratify(
    design: Design, frame: pd.DataFrame, column: str, totals: Mapping[Hashable, float]
) -> Design:
    """Return the design with weights that reproduce one margin: raking in a single pass.

    For cells of several columns, make one column of them first.

    Source: Holt & Smith (1979), Journal of the Royal Statistical Society A 142, 33-46.
    """
    return rake(design, frame, {column: totals})


def calibrate(
    design: Design, auxiliaries: pd.DataFrame, totals: Mapping[str, float], population: float
) -> Design:
    """Return the design with weights that reproduce totals of numbers (the GREG estimator).

    w = d (1 + x′λ) with λ = (Σ d x x′)⁻¹ (T − Σ d x), so that Σ w x = T. A weight can turn out
    negative; then rake classes of the auxiliary instead.

    Parameters
    ----------
    auxiliaries : numbers per row (of a category: dummies, without one of them).
    totals : the total in the population of each auxiliary.
    population : the number of units: the total of the constant, which is always among the auxiliaries.

    Raises
    ------
    SociusError
        for a missing value, an auxiliary without a total, and a design that is calibrated already.

    Source: Särndal, Swensson & Wretman (1992), Model Assisted Survey Sampling, §6.4-6.6.
    """
    if absent := [str(name) for name in auxiliaries.columns if name not in totals]:
        raise SociusError(f"Er is geen populatietotaal van {', '.join(absent)}.")
    _check_plain(design)
    x = np.column_stack([np.ones(len(auxiliaries)), auxiliaries.to_numpy(float)])
    if np.isnan(x).any():
        raise SociusError("Calibreren kan niet met een ontbrekende waarde.")
    known = np.array([population, *(totals[str(name)] for name in auxiliaries.columns)])
    before = design.weights
    steps = np.linalg.solve((x * before[:, None]).T @ x, known - before @ x)
    return replace(design, weights=before * (1 + x @ steps), calibration=(x, before))


def kish_design_effect(weights: npt.ArrayLike) -> float:
    """Return n Σw² / (Σw)²: how much unequal weights alone inflate a variance.

    Source: Kish (1965), Survey Sampling.
    """
    found = np.asarray(weights, dtype=float)
    return float(len(found) * (found**2).sum() / found.sum() ** 2)


def _levels(
    frame: pd.DataFrame, column: str, known: Mapping[Hashable, float]
) -> tuple[npt.NDArray[np.intp], list[Hashable]]:
    """Return the code of each row's level, and the levels."""
    if frame[column].isna().any():
        raise SociusError(f"In de kolom '{column}' ontbreekt een waarde.")
    codes, levels = pd.factorize(frame[column], sort=True)
    names = list(levels)
    if odd := {str(name) for name in set(names) ^ set(known)}:
        names_of_odd = ", ".join(sorted(odd))
        raise SociusError(f"Niet in de gegevens én in de marge van '{column}': {names_of_odd}.")
    return codes, names


def _check_plain(design: Design) -> None:
    if design.calibration is not None:
        raise SociusError("Deze steekproef is al gewogen: geef alle marges samen.")
