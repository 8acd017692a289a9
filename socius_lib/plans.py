"""The coding of the policy plans: how far readers agree, and what the codes that hold can show.

Two sets of codings: the main reading, one reader per plan, is what is counted; the test reading, some
plans by several readers, tells how far a count depends on who read (definities.md, Beleidsplannen).
"""

from __future__ import annotations

from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
import scipy

from socius_lib import estimates
from socius_lib.errors import SociusError

LEAST = 0.667
"""Below this alpha a code is weak: Krippendorff (2004), Content Analysis, 2nd ed., p. 241."""
RELIABLE = 0.8
"""From this alpha on he calls a code reliable."""
STABLE = 0.8
"""From this adjusted Rand index on groups count as found again: `good` in Steinley (2004)."""

WEAK, CAREFUL, USABLE, UNKNOWN = "zwak", "voorzichtig", "bruikbaar", "niet te zeggen"

FloatArray = npt.NDArray[np.float64]


def coded_pieces(fragmenten: pd.DataFrame) -> pd.DataFrame:
    """Return the pieces of text of the test reading, with who gave them which code.

    Readers choose themselves where a segment begins and ends. A piece is text between two such
    places, by any reader, that at least one of them coded: within it, nobody begins or ends.

    Parameters
    ----------
    fragmenten : rows of that table. Only plans with codings by more than one reader are used; a
        coding without place or reader is left out.

    Returns
    -------
    DataFrame
        a row per piece, reader and code: `plan_id`, `stuk` (number over all plans), `lezer`,
        `code_id`, `lezers` (readers of the plan).
    """
    placed = fragmenten.dropna(subset=["begin", "einde", "lezer"])
    readers = placed.groupby("plan_id")["lezer"].transform("nunique")
    placed = placed.assign(lezers=readers)[readers > 1]
    parts, first = [], 0
    for _, rows in placed.groupby("plan_id", sort=False):
        begin, end = (rows[column].to_numpy(int) for column in ("begin", "einde"))
        places = np.unique([begin, end])
        starts, stops = np.searchsorted(places, begin), np.searchsorted(places, end)
        pieces = [np.arange(start, stop) for start, stop in zip(starts, stops, strict=True)]
        row = np.repeat(np.arange(len(rows)), stops - starts)
        part = rows.iloc[row][["plan_id", "lezer", "code_id", "lezers"]]
        parts.append(part.assign(stuk=first + np.concatenate(pieces)))
        first += len(places)
    columns = ["plan_id", "stuk", "lezer", "code_id", "lezers"]
    if not parts:
        return pd.DataFrame(columns=columns)
    return pd.concat(parts, ignore_index=True)[columns].drop_duplicates(ignore_index=True)


def code_agreement(
    fragmenten: pd.DataFrame,
    codes: pd.DataFrame,
    *,
    uncoded: Literal["nee", "ontbreekt"] = "nee",
    resamples: int = 0,
    seed: int = 2021,
) -> pd.DataFrame:
    """Return how far the readers of the test reading agree, per code.

    A unit is a piece (`coded_pieces`); per code each reader of the plan gave it or not. AC1 is high
    for any rare code: it is about agreeing that most pieces do not have it. Alpha asks whether
    readers find the same pieces.

    Parameters
    ----------
    uncoded : what it means that a reader gave a piece no code at all: `nee`, he read it and did not
        give this code either; `ontbreekt`, nothing is known.
    resamples : how many times the plans are drawn again for the intervals; 0 gives none.
    seed : of those draws.

    Returns
    -------
    DataFrame
        per code that can be given, in their order: `code_id`, `naam`, `stukken` (with the code, by at
        least one reader), `alfa`, `alfa_laag`, `alfa_hoog`, `ac1`, `ac1_laag`, `ac1_hoog`; missing for
        a code that the test reading did not use.

    Pieces of one plan are not independent, so whole plans are drawn. With few plans the usual
    percentile interval is too narrow; its levels are widened as a t interval would be.

    Source: `estimates.krippendorff_alpha` and `estimates.agreement` (the same values); Hesterberg
    (2015), What Teachers Should Know About the Bootstrap, The American Statistician 69, 371-386.
    """
    known = codes[codes["codeerbaar"]]
    given, sums = _sums_per_plan(coded_pieces(fragmenten), list(known["code_id"]), uncoded)
    found = known[["code_id", "naam"]].reset_index(drop=True).assign(stukken=given)
    drawn: FloatArray = np.zeros((0, len(sums)))
    if resamples and len(sums) > 1:
        random = np.random.default_rng(seed)
        drawn = random.multinomial(len(sums), [1 / len(sums)] * len(sums), resamples).astype(float)
    values = _coefficients(sums.sum(0))
    spread = _coefficients(np.tensordot(drawn, sums, 1))
    for name, value, draws in zip(("alfa", "ac1"), values, spread, strict=True):
        found[name] = value
        found[f"{name}_laag"], found[f"{name}_hoog"] = _limits(draws, len(sums))
    return found


def _sums_per_plan(
    pieces: pd.DataFrame, codes: list[str], uncoded: str
) -> tuple[npt.NDArray[np.intp], FloatArray]:
    """Return how many pieces have each code, and per plan and code the sums that both need.

    The last axis: Σ 2·n₁·n₀/(m−1), Σ n₁ and Σ m of pieces with two ratings or more, their number, Σ of
    their agreeing pairs; Σ n₁/m of all pieces and their number. m is how many rated the piece.
    """
    by_piece = pieces.drop_duplicates("stuk").set_index("stuk").sort_index()
    ones = pd.crosstab(pieces["stuk"], pieces["code_id"]).reindex(columns=codes, fill_value=0)
    n1 = ones.reindex(by_piece.index).to_numpy(float)
    coders = pieces.groupby("stuk")["lezer"].nunique().reindex(by_piece.index)
    rated = by_piece["lezers"] if uncoded == "nee" else coders
    m = rated.to_numpy(float)[:, None]
    n0, twice = m - n1, m >= 2
    pairs = np.where(twice, m - 1, 1)
    agreeing = (n1 * (n1 - 1) + n0 * (n0 - 1)) / (m * pairs)
    terms = np.stack(
        [
            twice * 2 * n1 * n0 / pairs, twice * n1, twice * (n1 + n0), twice + 0 * n1,
            twice * agreeing, n1 / m, 1 + 0 * n1,
        ],
        axis=-1,
    )  # fmt: skip
    plan, names = pd.factorize(by_piece["plan_id"])
    sums = np.zeros((len(names), len(codes), terms.shape[-1]))
    np.add.at(sums, plan, terms)
    return (n1 > 0).sum(0), sums


def _coefficients(sums: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return alpha and AC1 of two values, yes and no; NaN where all ratings are the same."""
    apart, ones, ratings, units, agreeing, share, pieces = np.moveaxis(sums, -1, 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        alpha = 1 - (ratings - 1) * apart / (2 * ones * (ratings - ones))
        mean = share / pieces
        chance = 2 * mean * (1 - mean)
        ac1 = (agreeing / units - chance) / (1 - chance)
    used = (ones > 0) & (ones < ratings)
    return np.where(used, alpha, np.nan), np.where(used, ac1, np.nan)


def _limits(draws: FloatArray, units: int) -> tuple[FloatArray, FloatArray]:
    """Return the 95 % interval per column of draws; a draw without the code does not count."""
    if not len(draws):
        missing = np.full(draws.shape[1:], np.nan)
        return missing, missing
    wider = np.sqrt(units / (units - 1)) * scipy.stats.t.ppf(0.025, units - 1)
    level = float(scipy.stats.norm.cdf(wider))
    series = pd.DataFrame(draws)
    return series.quantile(level).to_numpy(), series.quantile(1 - level).to_numpy()


def judge_codes(agreement: pd.DataFrame) -> pd.Series:
    """Return what each code of `code_agreement` can bear.

    `WEAK`, alpha below `LEAST`: not to be interpreted; `CAREFUL`, not below, but the interval is;
    `USABLE`, the whole interval is not; `UNKNOWN`, the test reading did not use it.
    """
    judged = pd.Series(USABLE, index=agreement.index, dtype="str")
    judged = judged.mask(~(agreement["alfa_laag"] >= LEAST), CAREFUL)
    judged = judged.mask(agreement["alfa"] < LEAST, WEAK)
    return judged.mask(agreement["alfa"].isna(), UNKNOWN)


def alpha_u(fragmenten: pd.DataFrame, plannen: pd.DataFrame) -> pd.Series:
    """Return alpha-U per code over the test reading: where segments lie, in text nobody coded too.

    The plans are laid end to end as one text.

    Source: `estimates.unitising_disagreement`.
    """
    placed = fragmenten.dropna(subset=["begin", "einde", "lezer"])
    placed = placed[placed.groupby("plan_id")["lezer"].transform("nunique") > 1]
    reach = placed.groupby("plan_id")["einde"].max().astype(int)
    length = plannen.set_index("plan_id")["tekens"].reindex(reach.index).fillna(reach).astype(int)
    length = length.where(length >= reach, reach)
    shift = placed["plan_id"].map(length.cumsum() - length)
    segments = pd.DataFrame(
        {
            "observer": placed["lezer"],
            "category": placed["code_id"],
            "begin": (placed["begin"] + shift).astype(float),
            "end": (placed["einde"] + shift).astype(float),
        }
    )
    found = estimates.unitising_disagreement(segments, 0, int(length.sum()))
    return found["alpha"].rename("alfa_u")


def count_fragments(
    fragmenten: pd.DataFrame, plannen: pd.DataFrame, codes: pd.DataFrame
) -> pd.DataFrame:
    """Return the codings of the main reading: a row per plan, a column per code, 0 where none."""
    main = fragmenten[fragmenten["hoofdlezing"]]
    known = codes.loc[codes["codeerbaar"], "code_id"]
    counts = pd.crosstab(main["plan_id"], main["code_id"])
    return counts.reindex(index=plannen["plan_id"], columns=known, fill_value=0)


def coverage_by_reader(fragmenten: pd.DataFrame) -> pd.DataFrame:
    """Return in how many plans of the test reading each reader found each code.

    Returns
    -------
    DataFrame
        a row per code, a column per reader: percentage of the plans that he read. It tells how far
        coverage depends on who read.
    """
    readers = fragmenten.groupby("plan_id")["lezer"].transform("nunique")
    rows = fragmenten[readers > 1].dropna(subset="lezer")
    plans = rows.groupby("lezer")["plan_id"].nunique()
    once = rows.drop_duplicates(["code_id", "lezer", "plan_id"])
    return 100 * pd.crosstab(once["code_id"], once["lezer"]) / plans


def coverage_by_group(counts: pd.DataFrame, groups: pd.Series) -> pd.DataFrame:
    """Return in what part of the plans of each group a code stands, and whether groups differ.

    Parameters
    ----------
    counts : plans × codes.
    groups : the group of each plan.

    Returns
    -------
    DataFrame
        a row per code: a column per group, percentage of its plans; `verschil`, the highest minus the
        lowest; `p` (Fisher's test, corrected for the number of codes by Holm; missing for a code that
        stands in every plan or in none), the largest difference first.
    """
    present = counts > 0
    found = 100 * present.groupby(groups).mean().T
    found["verschil"] = found.max(axis=1) - found.min(axis=1)
    varies = present.columns[present.any() & ~present.all()]
    p_values = [
        estimates.fisher_p_value(pd.crosstab(groups, present[code]), resamples=9_999)
        for code in varies
    ]
    found["p"] = pd.Series(estimates.adjusted_p_values(p_values), index=varies)
    return found.sort_values("verschil", ascending=False, kind="stable")


def code_pairs(counts: pd.DataFrame) -> pd.DataFrame:
    """Return which codes stand in the same plans, and how often they would by chance.

    Parameters
    ----------
    counts : plans × codes. A code that stands in every plan, or in none, cannot go together with
        another more than by chance and is left out.

    Returns
    -------
    DataFrame
        a row per pair: `a`, `b`, `samen` (plans with both), `verwacht` (if they had nothing to do with
        each other), `verschil`, `p` (Fisher's test, corrected for the number of pairs by Holm).
    """
    present = counts > 0
    varies = present.loc[:, present.any() & ~present.all()]
    rows = []
    for at, a in enumerate(varies.columns):
        for b in varies.columns[at + 1 :]:
            both = int((varies[a] & varies[b]).sum())
            expected = varies[a].mean() * varies[b].mean() * len(varies)
            p_value = estimates.fisher_p_value(pd.crosstab(varies[a], varies[b]))
            rows.append((a, b, both, expected, both - expected, p_value))
    found = pd.DataFrame(rows, columns=["a", "b", "samen", "verwacht", "verschil", "p"])
    return found.assign(p=estimates.adjusted_p_values(found["p"]))


def plan_profiles(counts: pd.DataFrame) -> pd.DataFrame:
    """Return per plan the square roots of the shares of its codings; a plan without any is left out.

    Distances of such profiles are Hellinger's: a rare code weighs, without ruling.

    Source: Legendre & Gallagher (2001), Oecologia 129, 271-280.
    """
    total = counts.sum(axis=1)
    return counts[total > 0].div(total[total > 0], axis=0) ** 0.5


def group_plans(profiles: pd.DataFrame, groups: int) -> pd.Series:
    """Return plans in groups by Ward's method, numbered from 1, the largest first."""
    labels = pd.Series(_cut(profiles.to_numpy(float), [groups])[0], index=profiles.index)
    order = labels.value_counts().index
    return labels.map({label: number for number, label in enumerate(order, 1)})


def _cut(profiles: FloatArray, groups: list[int]) -> list[npt.NDArray[np.intp]]:
    tree = scipy.cluster.hierarchy.linkage(profiles, "ward")
    return [scipy.cluster.hierarchy.fcluster(tree, number, "maxclust") for number in groups]


def adjusted_rand(a: npt.ArrayLike, b: npt.ArrayLike) -> float:
    """Return how far two divisions in groups agree: 1 the same, 0 what chance gives.

    Source: Hubert & Arabie (1985), Journal of Classification 2, 193-218.
    """
    (of_a, names_a), (of_b, names_b) = (pd.factorize(np.asarray(groups)) for groups in (a, b))
    cells = np.bincount(of_a * len(names_b) + of_b, minlength=len(names_a) * len(names_b))
    table = cells.reshape(len(names_a), len(names_b)).astype(float)
    together, in_a, in_b = (
        float((counts * (counts - 1) / 2).sum()) for counts in (table, table.sum(1), table.sum(0))
    )
    pairs = table.sum() * (table.sum() - 1) / 2
    expected, most = in_a * in_b / pairs, (in_a + in_b) / 2
    return 1.0 if most == expected else (together - expected) / (most - expected)


def group_stability(
    profiles: pd.DataFrame,
    groups: tuple[int, ...] = (2, 3, 4, 5, 6),
    *,
    resamples: int = 100,
    seed: int = 2021,
) -> pd.DataFrame:
    """Return whether the same groups of plans come back in other plans.

    Two times four fifths of the plans are drawn and each is grouped; the adjusted Rand index tells
    whether the plans in both stand in the same groups. `toeval` is the same for profiles in which every
    code is shuffled over the plans: groups that are found there mean nothing.

    Returns
    -------
    DataFrame
        a row per number of groups: `groepen`, `ari` (mean), `toeval` (mean), `kleinste` (plans in the
        smallest group), `stabiel`: `ari` at least `STABLE` and above `toeval`.

    Raises
    ------
    SociusError
        for fewer than 20 plans.

    Source: Ben-Hur, Elisseeff & Guyon (2002), Pacific Symposium on Biocomputing 7, 6-17; Steinley
    (2004), Psychological Methods 9, 386-396, for what is a good index.
    """
    if len(profiles) < 20:
        raise SociusError("Voor een typologie zijn er minstens 20 plannen nodig.")
    random = np.random.default_rng(seed)
    values = profiles.to_numpy(float)
    found = np.mean([_again(values, groups, random) for _ in range(resamples)], axis=0)
    shuffled = [_again(random.permuted(values, axis=0), groups, random) for _ in range(resamples)]
    chance = np.mean(shuffled, axis=0)
    smallest = [int(np.bincount(labels)[1:].min()) for labels in _cut(values, list(groups))]
    table = pd.DataFrame({"groepen": groups, "ari": found, "toeval": chance, "kleinste": smallest})
    return table.assign(stabiel=(table["ari"] >= STABLE) & (table["ari"] > table["toeval"]))


def _again(values: FloatArray, groups: tuple[int, ...], random: np.random.Generator) -> list[float]:
    """Return the adjusted Rand index of two draws of four fifths, per number of groups."""
    size = round(0.8 * len(values))
    draws = [np.sort(random.permutation(len(values))[:size]) for _ in range(2)]
    both = np.intersect1d(draws[0], draws[1])
    first, second = (_cut(values[draw], list(groups)) for draw in draws)
    places = [np.searchsorted(draw, both) for draw in draws]
    return [adjusted_rand(a[places[0]], b[places[1]]) for a, b in zip(first, second, strict=True)]
