"""What the sector survey says: who answered, how they are weighted, what they did and what they value.

Who did not answer is made up for by weights (raking) that give the answers the types and new entrants
of the list that the survey was sent to. Intervals are those of a finite population: the list. They
take who answered as drawn by chance within those groups, which nobody can check from the answers.
What fewer than `SMALLEST` organisations said is joined to something else or left out.
"""

from __future__ import annotations

import math
from itertools import combinations

import numpy as np
import pandas as pd

from socius_lib import catalogue, estimates
from socius_lib.estimates import Design, Estimate
from socius_lib.estimates.result import FloatArray

SMALLEST = 5
"""Fewer organisations than this are not shown apart: they come near to what one of them said."""
RELIABLE = 0.7
"""From this alpha and omega on the mean of a scale is interpreted (Nunnally & Bernstein 1994)."""
LEAST_ITEMS = 3
"""A scale has a score for who answered this many of its statements."""

SCALES = {
    "personen": ("wp1", "wp2", "wp3", "wp4"),
    "gemeenschappen": ("wg1", "wg2", "wg3", "wg4"),
    "samenleving": ("ws1", "ws2", "ws3", "ws4"),
}
"""Value for persons, for communities and for society: four statements each."""
WHOM = {
    "personen": "personen",
    "gemeenschappen": "gemeenschappen",
    "samenleving": "de samenleving",
}
"""For whom the value of a scale is, in a sentence."""
OPINIONS = {"oneens": (1, 2), "tussenin": (3,), "eens": (4, 5)}
"""The five answers to a statement, joined."""
MARGINS = {"groep_type": "type", "groep_instromer": "instromer"}
"""What the answers are weighted by: the columns of `sent_list`, and how they are called."""
KNOWN_SIZE = ("ORG02", "VRW01", "ORG04", "ACT01")
"""What SISCA 2.0 knows, publicly, of the size of organisations that answered and that did not."""
RESAMPLES = 2000


def join_small(groups: pd.Series, answered: pd.Series) -> pd.Series:
    """Return the groups, the smallest joined to the next smallest while it has too few answers.

    Parameters
    ----------
    groups : name of the group of each organisation on the list; missing is a group, `onbekend`.
    answered : whether it answered; below `SMALLEST` answers a group does not stand alone.
    """
    names = [str(name) for name in groups.fillna("onbekend")]
    while True:
        counts = dict.fromkeys(sorted(set(names)), 0)
        for name, yes in zip(names, answered, strict=True):
            counts[name] += bool(yes)
        small, *others = sorted(counts, key=lambda name: counts[name])
        if not others or counts[small] >= SMALLEST:
            return pd.Series(names, index=groups.index, dtype="str")
        joined = f"{others[0]} of {small}"
        names = [joined if name in {small, others[0]} else name for name in names]


def sent_list(survey: pd.DataFrame) -> pd.DataFrame:
    """Return the organisations that the survey was sent to, with the groups that they are weighted by.

    Parameters
    ----------
    survey : rows of the table `sectorbevraging`, of one year. An answer from outside the list counts
        for none of them and is left out.

    Returns
    -------
    DataFrame
        with `groep_type` and `groep_instromer`, of the list and not of the answer (`join_small`).
    """
    sent = survey[survey["verzonden"]].reset_index(drop=True)
    new = sent["instromer_lijst"].map({True: "instromer", False: "geen instromer"})
    return sent.assign(
        groep_type=join_small(sent["type_lijst"], sent["beantwoord"]),
        groep_instromer=join_small(new, sent["beantwoord"]),
    )


def weighted_answers(survey: pd.DataFrame) -> tuple[pd.DataFrame, Design]:
    """Return the answers from the list and the design that weights them to it.

    Every answer begins as one of n out of the N on the list; raking then gives the answers as many
    organisations per type, and per new entrant or not, as the list has.

    Raises
    ------
    SociusError
        when the two margins cannot be met at once.
    """
    sent = sent_list(survey)
    answers = sent[sent["beantwoord"]].reset_index(drop=True).assign(lijst=len(sent))
    margins = {column: sent[column].value_counts().to_dict() for column in MARGINS}
    plain = estimates.survey_design(answers, population="lijst")
    return answers, estimates.rake(plain, answers, margins)


def response_by_group(survey: pd.DataFrame) -> pd.DataFrame:
    """Return the response per group of the list, and what a group weighs.

    Returns
    -------
    DataFrame
        `kenmerk`, `groep`, `verzonden`, `antwoorden`, `respons`, `aandeel_lijst`,
        `aandeel_antwoorden` (percent) and `gewicht`, the mean weight of its answers.
    """
    sent = sent_list(survey)
    answers, design = weighted_answers(survey)
    rows = []
    for column, feature in MARGINS.items():
        for group, size in sent[column].value_counts().items():
            weights = design.weights[answers[column] == group]
            count = len(weights)
            shares = (100 * count / size, 100 * size / len(sent), 100 * count / len(answers))
            rows.append((feature, group, size, count, *shares, weights.mean()))
    columns = ["kenmerk", "groep", "verzonden", "antwoorden", "respons", "aandeel_lijst"]
    return pd.DataFrame(rows, columns=[*columns, "aandeel_antwoorden", "gewicht"])


def compare_with_silent(survey: pd.DataFrame, sisca: pd.DataFrame) -> pd.DataFrame:
    """Return how large those who answered are, and those who did not, by what SISCA knows of both.

    Parameters
    ----------
    sisca : rows of that table of the same year. Only public indicators are used, of which both
        groups have `SMALLEST` values or more.

    Returns
    -------
    DataFrame
        `omschrijving`, `n_wel`, `mediaan_wel`, `n_niet`, `mediaan_niet`, and `p` of the rank-sum test,
        corrected for the number of indicators (Holm).
    """
    answered = survey[survey["verzonden"]].set_index("kbo")["beantwoord"].astype(bool)
    known = sisca[sisca["toegangsniveau"] == "publiek"].dropna(subset="waarde")
    known = known.assign(wel=known["kbo"].map(answered)).dropna(subset="wel")
    rows = []
    for code in KNOWN_SIZE:
        of_code = known[known["indicator"] == code]
        yes, no = (of_code[of_code["wel"] == side]["waarde"] for side in (True, False))
        if min(len(yes), len(no)) >= SMALLEST:
            test = estimates.rank_sum(yes, no)
            sizes = (len(yes), yes.median(), len(no), no.median())
            rows.append((of_code["omschrijving"].iloc[0], *sizes, test.p_value))
    columns = ["omschrijving", "n_wel", "mediaan_wel", "n_niet", "mediaan_niet", "p"]
    table = pd.DataFrame(rows, columns=columns)
    return table.assign(p=estimates.adjusted_p_values(table["p"])) if rows else table


def share_of_yes(flags: pd.Series, design: Design) -> Estimate | None:
    """Return the weighted share of organisations with 1 and not 0, in percent.

    None when fewer than `SMALLEST` answered, or when 1 to `SMALLEST` − 1 of them are on one side.
    """
    count, n = int(flags.sum()), int(flags.notna().sum())
    if n < SMALLEST or 0 < count < SMALLEST or 0 < n - count < SMALLEST:
        return None
    share = estimates.survey_share(flags, design)
    return Estimate(*_percent(share), n)


def measure_shares(answers: pd.DataFrame, design: Design) -> pd.DataFrame:
    """Return per measure which share of the organisations on the list took it.

    An organisation can take several, so the shares add up to more than a hundred.

    Returns
    -------
    DataFrame
        `maatregel`, `n`, `aantal`; `ongewogen`, `exact_laag`, `exact_hoog`, without weights, from the
        hypergeometric distribution; `gewogen`, `laag`, `hoog` (percent). The most taken first. A
        measure that few took, or few did not, is left out (`share_of_yes`).
    """
    size = int(answers["lijst"].iloc[0])
    rows = []
    for code, name in catalogue.MAATREGELEN.items():
        took = answers[code].astype("float64")
        share = share_of_yes(took, design)
        if share is None:
            continue
        exact = estimates.proportion_finite(int(took.sum()), share.n, size)
        limits = (share.value, share.low, share.high)
        rows.append((name, share.n, int(took.sum()), *_percent(exact), *limits))
    columns = ["maatregel", "n", "aantal", "ongewogen", "exact_laag", "exact_hoog"]
    table = pd.DataFrame(rows, columns=[*columns, "gewogen", "laag", "hoog"])
    return table.sort_values("gewogen", ascending=False, ignore_index=True)


def _percent(share: Estimate) -> tuple[float, float, float]:
    return 100 * share.value, 100 * share.low, 100 * share.high


def count_measures(answers: pd.DataFrame) -> pd.Series:
    """Return how many of the measures each organisation took; missing when one was left open."""
    return answers[list(catalogue.MAATREGELEN)].astype("float64").sum(axis=1, skipna=False)


def spread_over(values: pd.Series, design: Design, ends: tuple[int, int]) -> pd.DataFrame:
    """Return which share of the organisations has each value of a scale of whole numbers.

    Neighbouring values are joined until each class has `SMALLEST` organisations.

    Parameters
    ----------
    values : a value per answer; a missing one counts nowhere.
    ends : the lowest and the highest value that could be given.

    Returns
    -------
    DataFrame
        `klasse` (`0–4`), `n`, `gewogen`, `laag`, `hoog` (percent), from low to high.
    """
    low, high = ends
    classes: list[tuple[int, int]] = []
    begin = low
    for value in range(low, high + 1):
        if values.between(begin, value).sum() >= SMALLEST:
            classes.append((begin, value))
            begin = value + 1
    if begin <= high:
        first = classes.pop()[0] if classes else low
        classes.append((first, high))
    rows = []
    for first, last in classes:
        within = values.between(first, last).astype("float64").where(values.notna())
        share = estimates.survey_share(within, design)
        name = str(first) if first == last else f"{first}–{last}"
        rows.append((name, int(within.sum()), *_percent(share)))
    return pd.DataFrame(rows, columns=["klasse", "n", "gewogen", "laag", "hoog"])


def means_by_group(values: pd.Series, answers: pd.DataFrame, design: Design) -> pd.DataFrame:
    """Return the weighted mean of a value per group of the list, with its interval.

    Returns
    -------
    DataFrame
        `kenmerk`, `groep`, `n`, `waarde`, `laag`, `hoog`. A group with fewer than `SMALLEST` values is
        left out.
    """
    rows = []
    for column, feature in MARGINS.items():
        for group in answers[column].value_counts().index:
            within = answers[column] == group
            if values[within].notna().sum() >= SMALLEST:
                mean = estimates.survey_mean(values.astype("float64"), design, within=within)
                rows.append((feature, group, mean.n, mean.value, mean.low, mean.high))
    return pd.DataFrame(rows, columns=["kenmerk", "groep", "n", "waarde", "laag", "hoog"])


def statement_shares(answers: pd.DataFrame, design: Design) -> pd.DataFrame:
    """Return per statement the weighted percentage of each opinion, of those who gave one.

    Returns
    -------
    DataFrame
        `schaal`, `code`, `stelling`, `oneens`, `tussenin`, `eens`, `n` (opinions), `weet_niet` and
        `leeg` (organisations that said so, or said nothing). With an opinion of 1 to `SMALLEST` − 1
        organisations the percentages are missing.
    """
    said = answers["weet_niet"].str.split(", ").explode()
    rows = []
    for scale, items in SCALES.items():
        for code in items:
            given = answers[code].astype("float64")
            shares = {}
            for opinion, values in OPINIONS.items():
                flags = given.isin(values).astype("float64").where(given.notna())
                few = given.notna().sum() < SMALLEST or 0 < flags.sum() < SMALLEST
                shares[opinion] = math.nan if few else estimates.survey_mean(flags, design).value
            unsafe = any(map(math.isnan, shares.values()))
            percent = [math.nan if unsafe else 100 * share for share in shares.values()]
            unknown = int((said == code).sum())
            silent = len(answers) - int(given.notna().sum()) - unknown
            text = catalogue.STELLINGEN[code]
            rows.append((scale, code, text, *percent, int(given.notna().sum()), unknown, silent))
    columns = ["schaal", "code", "stelling", *OPINIONS, "n", "weet_niet", "leeg"]
    return pd.DataFrame(rows, columns=columns)


def scale_items(answers: pd.DataFrame, scale: str) -> pd.DataFrame:
    """Return the answers to the statements of a scale, a column each."""
    return answers[list(SCALES[scale])].astype("float64")


def scale_alpha(answers: pd.DataFrame, scale: str) -> Estimate:
    """Return Cronbach's alpha of a scale, of who answered all its statements.

    Missing with fewer than `SMALLEST` of them, or when all of them answered a statement alike.
    """
    items = scale_items(answers, scale).dropna()
    if len(items) < SMALLEST or (items.nunique() < 2).any():
        return Estimate(math.nan, math.nan, math.nan, len(items))
    return estimates.cronbach_alpha(items)


def scale_reliability(answers: pd.DataFrame) -> pd.DataFrame:
    """Return per scale how reliable it is, unweighted, of who answered all its statements.

    Returns
    -------
    DataFrame
        `schaal`, `n`, `alpha`, `laag`, `hoog`, `omega`, and `betrouwbaar`: alpha and omega are both at
        least `RELIABLE`.
    """
    rows = []
    for scale in SCALES:
        alpha = scale_alpha(answers, scale)
        omega = math.nan
        if not math.isnan(alpha.value):
            omega = estimates.mcdonald_omega(scale_items(answers, scale).dropna().cov())
        reliable = alpha.value >= RELIABLE and omega >= RELIABLE
        rows.append((scale, alpha.n, alpha.value, alpha.low, alpha.high, omega, reliable))
    columns = ["schaal", "n", "alpha", "laag", "hoog", "omega", "betrouwbaar"]
    return pd.DataFrame(rows, columns=columns)


def item_reliability(answers: pd.DataFrame) -> pd.DataFrame:
    """Return per statement how it goes with the rest of its scale, of who answered all of it.

    Returns
    -------
    DataFrame
        `schaal`, `code`, `stelling`, `rest` (correlation with the sum of the other statements) and
        `alpha_zonder` (alpha of the scale without it).
    """
    rows = []
    for scale, codes in SCALES.items():
        items = scale_items(answers, scale).dropna()
        if math.isnan(scale_alpha(answers, scale).value):
            continue
        for code in codes:
            others = items.drop(columns=code)
            rest = float(items[code].corr(others.sum(axis=1)))
            without = estimates.alpha_of_covariance(others.cov())
            rows.append((scale, code, catalogue.STELLINGEN[code], rest, without))
    return pd.DataFrame(rows, columns=["schaal", "code", "stelling", "rest", "alpha_zonder"])


def scale_scores(answers: pd.DataFrame) -> pd.DataFrame:
    """Return the score of each organisation on each scale, 1 to 5; a column per scale.

    The mean of its answers; missing for who answered fewer than `LEAST_ITEMS` statements.
    """
    scores = {}
    for scale in SCALES:
        items = scale_items(answers, scale)
        scores[scale] = items.mean(axis=1).where(items.notna().sum(axis=1) >= LEAST_ITEMS)
    return pd.DataFrame(scores)


def scale_overlap(answers: pd.DataFrame, seed: int = 2021) -> pd.DataFrame:
    """Return how far two scales measure the same: their correlation without measurement error.

    r / √(α₁ α₂), of who answered all statements of both. At 1 the scales cannot be told apart,
    however reliable each is; by chance it can come out above 1. The interval is that of the middle
    95 % of `RESAMPLES` samples of respondents with replacement.

    Returns
    -------
    DataFrame
        `paar`, `n`, `r`, `zuiver`, `laag`, `hoog`.

    Source: Spearman (1904), American Journal of Psychology 15, 72-101.
    """
    random = np.random.default_rng(seed)
    rows = []
    for one, other in combinations(SCALES, 2):
        both = answers[[*SCALES[one], *SCALES[other]]].astype("float64").dropna().to_numpy()
        if len(both) < SMALLEST:
            continue
        drawn = random.integers(len(both), size=(RESAMPLES, len(both)))
        again = np.array([_pure_correlation(both[sample])[1] for sample in drawn])
        known = again[~np.isnan(again)]
        low, high = np.quantile(known, (0.025, 0.975)) if len(known) else (math.nan, math.nan)
        rows.append((f"{one} – {other}", len(both), *_pure_correlation(both), low, high))
    return pd.DataFrame(rows, columns=["paar", "n", "r", "zuiver", "laag", "hoog"])


def _pure_correlation(both: FloatArray) -> tuple[float, float]:
    """Return the correlation of two scales, and that without measurement error; NaN without any."""
    half = both.shape[1] // 2
    table = np.cov(both, rowvar=False)
    parts = table[:half, :half], table[half:, half:], table[:half, half:]
    first, second, between = (float(part.sum()) for part in parts)
    if first <= 0 or second <= 0:
        return math.nan, math.nan
    r = between / math.sqrt(first * second)
    alphas = [estimates.alpha_of_covariance(part) for part in parts[:2]]
    return r, r / math.sqrt(alphas[0] * alphas[1]) if min(alphas) > 0 else math.nan


def scale_means(answers: pd.DataFrame, design: Design) -> pd.DataFrame:
    """Return the weighted mean of each scale, 1 to 5, with its interval.

    Returns
    -------
    DataFrame
        `schaal`, `n`, `waarde`, `laag`, `hoog`. A scale with fewer than `SMALLEST` scores is left out.
    """
    rows = []
    for scale, scores in scale_scores(answers).items():
        if scores.notna().sum() >= SMALLEST:
            mean = estimates.survey_mean(scores, design)
            rows.append((scale, mean.n, mean.value, mean.low, mean.high))
    return pd.DataFrame(rows, columns=["schaal", "n", "waarde", "laag", "hoog"])


def compare_incomplete(answers: pd.DataFrame, design: Design) -> pd.DataFrame:
    """Return the weighted mean of each scale of who answered all statements, and of who left one out.

    Returns
    -------
    DataFrame
        a row per scale and kind of answer: `schaal`, `antwoord` (`volledig` or `onvolledig`), `n`,
        `waarde`, `laag`, `hoog`. A scale of which either has fewer than `SMALLEST` scores is left out.
    """
    rows = []
    for scale, scores in scale_scores(answers).items():
        complete = scale_items(answers, str(scale)).notna().all(axis=1)
        kinds = {"volledig": complete, "onvolledig": ~complete}
        if min(scores[within].notna().sum() for within in kinds.values()) < SMALLEST:
            continue
        for kind, within in kinds.items():
            mean = estimates.survey_mean(scores, design, within=within)
            rows.append((scale, kind, mean.n, mean.value, mean.low, mean.high))
    return pd.DataFrame(rows, columns=["schaal", "antwoord", "n", "waarde", "laag", "hoog"])


def scale_differences(answers: pd.DataFrame, design: Design) -> pd.DataFrame:
    """Return by how much two scales differ within organisations, weighted.

    The intervals hold together at 95 % (Bonferroni: each is of 1 − 0.05 / number of pairs).

    Returns
    -------
    DataFrame
        `hoogst`, `laagst`, `n`, `verschil`, `laag`, `hoog`: the scale that is higher first.
    """
    scores = scale_scores(answers)
    pairs = list(combinations(SCALES, 2))
    rows = []
    for pair in pairs:
        apart = scores[pair[0]] - scores[pair[1]]
        if apart.notna().sum() < SMALLEST:
            continue
        sign = -1 if estimates.survey_mean(apart, design).value < 0 else 1
        mean = estimates.survey_mean(sign * apart, design, level=1 - 0.05 / len(pairs))
        rows.append((*pair[::sign], mean.n, mean.value, mean.low, mean.high))
    return pd.DataFrame(rows, columns=["hoogst", "laagst", "n", "verschil", "laag", "hoog"])


def design_effects(answers: pd.DataFrame, design: Design) -> pd.DataFrame:
    """Return per estimate what the weights do to it, and its design effect.

    Returns
    -------
    DataFrame
        `schatting`, `n`, `ongewogen`, `gewogen` (measures in percent) and `deff`: the variance over
        that of a simple random sample of n from the list. What is too small to show is left out.
    """
    measured = {"impact": answers["impact"].astype("float64")}
    for code, name in catalogue.MAATREGELEN.items():
        if share_of_yes(answers[code].astype("float64"), design) is not None:
            measured[name] = 100 * answers[code].astype("float64")
    for scale, scores in scale_scores(answers).items():
        measured[f"waarde: {scale}"] = scores
    rows = []
    for name, values in measured.items():
        n = int(values.notna().sum())
        if n >= SMALLEST and values.min() < values.max():
            deff = estimates.design_effect(values, design)
            weighted = estimates.survey_mean(values, design).value
            rows.append((name, n, values.mean(), weighted, deff))
    return pd.DataFrame(rows, columns=["schatting", "n", "ongewogen", "gewogen", "deff"])


def estimate_figures(survey: pd.DataFrame) -> dict[str, Estimate]:
    """Return the estimates that are kept as figures (kengetallen), by name.

    Parameters
    ----------
    survey : rows of the table `sectorbevraging`, of one year.

    Returns
    -------
    dict
        `gewichten`, Kish's design effect of the weights, without limits; `impact`; per measure
        (`maat_1`) the percentage that took it; per scale (`personen`) its mean, and its alpha
        (`personen.alpha`). What is too small to show is not among them.
    """
    if (survey["verzonden"] & survey["beantwoord"]).sum() < SMALLEST:
        return {}
    answers, design = weighted_answers(survey)
    kish = estimates.kish_design_effect(design.weights)
    found = {"gewichten": Estimate(kish, math.nan, math.nan, len(answers))}
    values = scale_scores(answers).assign(impact=answers["impact"].astype("float64"))
    for name in values:
        if values[name].notna().sum() >= SMALLEST:
            found[str(name)] = estimates.survey_mean(values[name], design)
    for code in catalogue.MAATREGELEN:
        share = share_of_yes(answers[code].astype("float64"), design)
        if share is not None:
            found[code] = share
    for scale in SCALES:
        alpha = scale_alpha(answers, scale)
        if not math.isnan(alpha.value):
            found[f"{scale}.alpha"] = alpha
    return found
