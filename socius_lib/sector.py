"""The sector as SISCA registers it: size, spread, groups and growth, without giving anyone away.

SISCA counts all organisations, so nothing here has a sampling error. What is uncertain is who did
not fill in, what was meant by what was filled in, and the break between SISCA 1.0 and 2.0: no
function compares values across it.

What is `afgeschermd` comes out over many organisations only (`is_shown`), and never as the value of
one of them (`middle`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pandas as pd

from socius_lib import estimates
from socius_lib.errors import SociusError
from socius_lib.format import round_half_up

PUBLIC, PROTECTED = "publiek", "afgeschermd"
"""Access levels; one that is not known counts as protected."""
LEAST, MOST = 5, 50.0
"""A protected number is shown of at least so many organisations, none with more % of the sum."""
ERROR = 10.0
"""By how many percent at least one is to err who works out the rest of a protected sum (p% rule)."""

FUNCTIONS = ("ACT04", "ACT05", "ACT06", "ACT07")
"""Activities by function; together all activities."""
TAKES_UP, ROLE = "SCI01", "SCI02"
"""Which functions an organisation takes up, and in which role its weight lies; texts."""
ORDER = (
    "ORG01", "ORG02", "ORG03", "VRW01", "VRW02", "ORG04", "ORG05",
    "ACT01", *FUNCTIONS, "ACT03", "ACT02", "ORG07", "ORG06", "ORG09", "ORG08",
)  # fmt: skip
"""Staff, volunteers, members and groups, activities, participations, money."""
ABOUT = ["indicator", "omschrijving", "eenheid", "toegangsniveau"]
UNKNOWN = "onbekend"
STAFF_BOUNDS = (0, 5, 10, 20, 50, np.inf)
STAFF_CLASSES = (
    "minder dan 5 vte", "5 tot 10 vte", "10 tot 20 vte", "20 tot 50 vte", "50 vte en meer",
)  # fmt: skip


@dataclass(frozen=True)
class Ratio:
    """One sum over another, over the organisations that filled in every indicator of it.

    Attributes
    ----------
    part, whole : indicators that are added up; a `-` before one takes it off.
    percent : a share, in percent; otherwise so many per one.
    decimals : with how many it is printed; a share with a protected indicator has none.
    weight : an indicator that multiplies the part, when the part is itself a percentage.
    asked : indicators that must be filled in too, without being part of a sum.
    """

    id: str
    label: str
    part: tuple[str, ...]
    whole: tuple[str, ...]
    percent: bool = True
    decimals: int = 1
    weight: str | None = None
    asked: tuple[str, ...] = ()

    @property
    def summed(self) -> tuple[str, ...]:
        """The indicators that the sums are made of."""
        names = [name.removeprefix("-") for name in (*self.part, *self.whole)]
        return tuple(dict.fromkeys(names + ([self.weight] if self.weight else [])))

    @property
    def indicators(self) -> tuple[str, ...]:
        """The indicators that an organisation must have filled in to count."""
        return tuple(dict.fromkeys((*self.summed, *self.asked)))

    @property
    def formula(self) -> str:
        """What is divided by what, for who reads the definition."""
        part, whole = (" + ".join(names).replace("+ -", "− ") for names in (self.part, self.whole))
        part += f" × {self.weight}" if self.weight else ""
        return f"som van ({part}) / som van ({whole})"


_FUNCTION_NAMES = {
    "ACT04": ("cultuur", "cultuurfunctie"),
    "ACT05": ("leer", "leerfunctie"),
    "ACT06": ("gemeenschap", "gemeenschapsvormende functie"),
    "ACT07": ("beweging", "maatschappelijke bewegingsfunctie"),
}
RATIOS = (
    Ratio("aandeel.vrouwen", "Vrouwen onder de medewerkers", ("ORG03",), ("ORG01",)),
    Ratio("aandeel.digitaal", "Digitale activiteiten", ("ACT03",), ("ACT01",), weight="ACT01"),
    *(
        Ratio(f"aandeel.functie.{short}", f"Activiteiten, {name}", (code,), FUNCTIONS)
        for code, (short, name) in _FUNCTION_NAMES.items()
    ),
    Ratio("verhouding.vte_per_medewerker", "Vte per medewerker", ("ORG02",), ("ORG01",), False, 2),
    Ratio("verhouding.vrijwilligers_per_vte", "Vrijwilligers per vte", ("VRW01",), ("ORG02",), False),
    Ratio("verhouding.uren_per_vrijwilliger", "Uren per vrijwilliger", ("VRW02",), ("VRW01",), False),
    Ratio("verhouding.leden_per_groep", "Leden per lokale groep", ("ORG04",), ("ORG05",), False),
    Ratio("verhouding.activiteiten_per_vte", "Activiteiten per vte", ("ACT01",), ("ORG02",), False),
    Ratio("verhouding.deelnames_per_activiteit", "Deelnames per activiteit", ("ACT02",), ("ACT01",), False),
    Ratio("verhouding.uitgaven_inkomsten", "Uitgaven tegenover inkomsten", ("ORG08",), ("ORG07",)),
)  # fmt: skip
"""Shares and ratios of the sector; a registration without one of the indicators does not give it."""


def money_ratios(sisca: pd.DataFrame) -> tuple[Ratio, ...]:
    """Return the shares of total income by source, as far as the registration tells them apart.

    All are over the organisations that filled in the total and every source, so they add up.
    """
    sources = {"ORG06": ("subsidie", "Subsidie sociaal-cultureel werk")}
    if "ORG09" in set(sisca["indicator"]):  # not in SISCA 1.0
        sources["ORG09"] = ("eigen", "Eigen inkomsten")
    asked = ("ORG07", *sources)
    known = [
        Ratio(f"aandeel.{short}", label, (code,), ("ORG07",), asked=asked)
        for code, (short, label) in sources.items()
    ]
    rest = ("ORG07", *(f"-{code}" for code in sources))
    return (*known, Ratio("aandeel.andere", "Andere bronnen", rest, ("ORG07",), asked=asked))


def is_shown(values: npt.ArrayLike, toegangsniveau: str) -> bool:
    """Tell whether a number made of these organisations' values may be shown.

    What is public always; what is protected when `LEAST` organisations or more filled it in and none
    has more than `MOST` % of the sum (signs aside).
    """
    if toegangsniveau == PUBLIC:
        return True
    given = np.abs(filled(values))
    return len(given) >= LEAST and estimates.is_safe(given, least=LEAST, dominance=(1, MOST))


def filled(values: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Return the values that were filled in, in the order that they have."""
    given: npt.NDArray[np.float64] = np.asarray(values, dtype="float64")
    return given[~np.isnan(given)]


def _protect(value: float, sums: Sequence[tuple[pd.Series, pd.Series]]) -> float:
    """Return a ratio of protected sums, so coarse that what is left out of it cannot be worked out.

    Who has the whole sum and this ratio of a part of it, has the rest too. When the rest is of few
    (`is_shown`) the value is a whole number, and NaN when even then one would err by less than
    `ERROR` % of the rest.

    Parameters
    ----------
    value : in percent, or per one.
    sums : of each protected indicator, the values that count in the ratio and those that do not.

    Source: Hundepool et al. (2012), Statistical Disclosure Control, §4.2: the p% rule.
    """
    few = [(held, rest) for held, rest in sums if len(rest) and not is_shown(rest, PROTECTED)]
    if not few or np.isnan(value):
        return value
    error = 0.5 / max(abs(value), 1.0)
    for held, rest in few:
        if error * held.abs().sum() < ERROR / 100 * rest.abs().sum():
            return np.nan
    return float(round_half_up(value, 0))


def middle(values: npt.ArrayLike, toegangsniveau: str) -> float:
    """Return the median; of a protected indicator the mean of the five or six values around it.

    The median of an odd number is what one organisation filled in. NaN without values, and when a
    protected number may not be shown.
    """
    given = np.sort(filled(values))
    if not len(given) or not is_shown(given, toegangsniveau):
        return np.nan
    if toegangsniveau == PUBLIC:
        return float(np.median(given))
    wide = 5 if len(given) % 2 else 6
    first = (len(given) - wide) // 2
    return float(given[first : first + wide].mean())


def wide_values(sisca: pd.DataFrame) -> pd.DataFrame:
    """Return the numbers of one year: a row per organisation, a column per indicator.

    What was not filled in is NaN.

    Raises
    ------
    SociusError
        for rows of more than one year.
    """
    if len(sisca["jaar"].unique()) > 1:
        raise SociusError("Geef de rijen van één jaar van SISCA.")
    numbers = sisca.dropna(subset="waarde")
    return numbers.set_index(["kbo", "indicator"])["waarde"].unstack()  # noqa: PD010  # five times as fast


def list_indicators(sisca: pd.DataFrame) -> pd.DataFrame:
    """Return the indicators with numbers: `indicator`, `omschrijving`, `eenheid`, `toegangsniveau`.

    From staff to money; one that `ORDER` does not know stands at the end.
    """
    found = sisca.dropna(subset="waarde").drop_duplicates("indicator", keep="last")[ABOUT]
    place = {name: at for at, name in enumerate(ORDER)}
    order = found["indicator"].map(place).fillna(len(ORDER))
    ordered = found.assign(plaats=order).sort_values(["plaats", "indicator"])
    return ordered[ABOUT].reset_index(drop=True)


def _each(sisca: pd.DataFrame) -> Iterator[tuple[dict[str, str], pd.Series]]:
    """Give each indicator with numbers, and its values by KBO number."""
    values = wide_values(sisca)
    for about in _abouts(sisca):
        yield about, values[about["indicator"]]


def _abouts(sisca: pd.DataFrame) -> list[dict[str, str]]:
    """Return what is known of each indicator with numbers, in order."""
    listed = list_indicators(sisca).itertuples(index=False)
    return [dict(zip(ABOUT, map(str, about), strict=True)) for about in listed]


def filled_in(sisca: pd.DataFrame) -> pd.DataFrame:
    """Return per indicator how many organisations filled it in, did not, and filled in 0.

    Returns
    -------
    DataFrame
        `list_indicators` with `ingevuld`, `niet_ingevuld` (organisations of the registration without
        a value) and `nul`; of a protected indicator `nul` is left out from 1 to 4.
    """
    everybody = sisca["kbo"].nunique()
    rows = []
    for about, values in _each(sisca):
        given = int(values.notna().sum())
        zero = _count(int((values == 0).sum()), about["toegangsniveau"])
        counts = {"ingevuld": given, "niet_ingevuld": everybody - given, "nul": zero}
        rows.append({**about, **counts})
    columns = [*ABOUT, "ingevuld", "niet_ingevuld", "nul"]
    return pd.DataFrame(rows, columns=columns).astype({"nul": "Int64"})


def _count(number: int, toegangsniveau: str) -> int | None:
    """Return a count of organisations, unless it is of few and the indicator protected."""
    few = toegangsniveau != PUBLIC and 0 < number < LEAST
    return None if few else number


def compute_ratio(sisca: pd.DataFrame, ratio: Ratio) -> tuple[float, int]:
    """Return a ratio of one year and the number of organisations behind it.

    Sum over sum, not the mean of the organisations' own ratios: large ones weigh more. NaN when the
    registration does not have the indicators or the whole is 0. With a protected indicator it is a
    whole number when few organisations are left out of it, and NaN when it may not be shown.
    """
    values = wide_values(sisca)
    if not set(ratio.indicators) <= set(values):
        return np.nan, 0
    counts = values[list(ratio.indicators)].notna().all(axis=1)
    both = values[counts]
    levels = sisca.drop_duplicates("indicator").set_index("indicator")["toegangsniveau"]
    if not all(is_shown(both[name], levels[name]) for name in ratio.summed):
        return np.nan, len(both)
    part = _added(both, ratio.part)
    if ratio.weight:
        part = part / 100 * both[ratio.weight]
    whole = float(_added(both, ratio.whole).sum())
    found = float(part.sum()) / whole if whole else np.nan
    secret = [name for name in ratio.summed if levels[name] != PUBLIC]
    sums = [(both[name], values.loc[~counts, name].dropna()) for name in secret]
    return _protect(100 * found if ratio.percent else found, sums), len(both)


def _added(values: pd.DataFrame, names: Sequence[str]) -> pd.Series:
    total = pd.Series(0.0, index=values.index)
    for name in names:
        total = total + (-values[name[1:]] if name.startswith("-") else values[name])
    return total


def _amounts(values: pd.Series) -> pd.Series:
    """Return the values that can be shared out; none when one is negative or all are 0."""
    given = values.dropna()
    return given if len(given) and (given >= 0).all() and given.sum() > 0 else given.iloc[:0]


def gini(values: pd.Series, toegangsniveau: str) -> float:
    """Return the Gini coefficient (`estimates.gini`); NaN when there is nothing to share or show."""
    given = _amounts(values)
    return estimates.gini(given) if len(given) and is_shown(given, toegangsniveau) else np.nan


def largest_tenth(values: pd.Series, toegangsniveau: str) -> float:
    """Return the share of the sum, in percent, that the largest tenth of the organisations has.

    The Lorenz curve at 90 % of the organisations, straight between two of them. NaN when there is
    nothing to share, and for a protected indicator when that tenth may not be shown.
    """
    given = _amounts(values)
    largest = given.nlargest(int(np.ceil(len(given) / 10))) if len(given) else given
    if not len(given) or not is_shown(largest, toegangsniveau):
        return np.nan
    return 100 * (1 - estimates.lorenz_share(given, 0.9))


def concentration(sisca: pd.DataFrame) -> pd.DataFrame:
    """Return per indicator that adds up how unequally it is spread over the organisations.

    Returns
    -------
    DataFrame
        `list_indicators` without percentages, with `n`, `gini`, `gini_zonder_nul` (over those that
        have any; empty when all have), `grootste_tiende_pct`, `kleinste_helft_pct` and `grootste_pct`
        (share of the largest organisation, of public indicators only).
    """
    rows = []
    for about, values in _each(sisca):
        level, given = about["toegangsniveau"], _amounts(values)
        if about["eenheid"] == "%" or not len(given):
            continue
        some = given[given > 0]
        half = given.nsmallest(int(np.ceil(len(given) / 2)))
        row = {
            "n": len(given),
            "gini": gini(given, level),
            "gini_zonder_nul": gini(some, level) if len(some) < len(given) else np.nan,
            "grootste_tiende_pct": largest_tenth(given, level),
            "kleinste_helft_pct": 100 * estimates.lorenz_share(given, 0.5)
            if is_shown(half, level)
            else np.nan,
            "grootste_pct": 100 * given.max() / given.sum() if level == PUBLIC else np.nan,
        }
        rows.append({**about, **row})
    return pd.DataFrame(rows)


def lorenz_curves(sisca: pd.DataFrame, indicators: Sequence[str]) -> pd.DataFrame:
    """Return the Lorenz curves of public indicators: `omschrijving`, `population`, `share`.

    Raises
    ------
    SociusError
        for a protected indicator: each step of a curve is one organisation.
    """
    curves = []
    for about, values in _each(sisca):
        if about["indicator"] not in indicators or not len(_amounts(values)):
            continue
        if about["toegangsniveau"] != PUBLIC:
            raise SociusError(
                f"'{about['omschrijving']}' is afgeschermd: een Lorenzcurve toont elke organisatie. "
                "Neem `concentration`."
            )
        curve = estimates.lorenz(_amounts(values))
        curves.append(curve.assign(omschrijving=about["omschrijving"]))
    return pd.concat(curves, ignore_index=True)


def lorenz_tenths(curves: pd.DataFrame) -> pd.DataFrame:
    """Return Lorenz curves as a table: the share of the smallest tenth, two tenths and so on.

    Parameters
    ----------
    curves : as `lorenz_curves` returns them.

    Returns
    -------
    DataFrame
        `deel_organisaties` (percent, from 10 to 100) and a column per indicator (percent).
    """
    tenths = np.arange(1, 11) / 10
    table = pd.DataFrame({"deel_organisaties": 100 * tenths})
    for name, curve in curves.groupby("omschrijving", sort=False):
        table[str(name)] = 100 * np.interp(tenths, curve["population"], curve["share"])
    return table


def group_organisations(sisca: pd.DataFrame, organisaties: pd.DataFrame | None) -> pd.DataFrame:
    """Return to which groups each organisation of one year belongs, by KBO number.

    Parameters
    ----------
    organisaties : that table of the same year; None when the year lacks it.

    Returns
    -------
    DataFrame
        by `kbo`: `grootte` (class of staff in full-time equivalents), `werksoort` (SISCA 1.0 only),
        `type`, `werkingsgebied` and `instromer` (with `organisaties` only). Who is not among them, or
        did not fill it in, is `onbekend`. A column in which all are the same is left out.
    """
    kbo = pd.Index(sorted(sisca["kbo"].unique()), name="kbo")
    groups = pd.DataFrame(index=kbo)
    staff = sisca[sisca["indicator"] == "ORG02"].set_index("kbo")["waarde"].reindex(kbo)
    classes = pd.cut(staff, list(STAFF_BOUNDS), right=False, labels=list(STAFF_CLASSES))
    groups["grootte"] = classes.astype("str").where(classes.notna(), UNKNOWN)
    if sisca["werksoort"].notna().any():
        groups["werksoort"] = sisca.groupby("kbo")["werksoort"].first().reindex(kbo)
    if organisaties is not None:
        known = organisaties.dropna(subset="kbo").sort_values("erkend", ascending=False)
        known = known.drop_duplicates("kbo").set_index("kbo").reindex(kbo)
        for name in ("type", "werkingsgebied"):
            groups[name] = known[name]
        groups["instromer"] = known["instromer"].map({True: "instromer", False: "geen instromer"})
    groups = groups.fillna(UNKNOWN)
    divides = [name for name in groups if name == "grootte" or len(groups[name].unique()) > 1]
    return groups[divides]


def sum_by_group(sisca: pd.DataFrame, groups: pd.DataFrame) -> pd.DataFrame:
    """Return per group and indicator the sum, its share of the whole, and the median.

    Parameters
    ----------
    sisca : rows of one year.
    groups : the groups of each organisation, by KBO number, as `group_organisations`.

    Returns
    -------
    DataFrame
        `indeling` (column of `groups`), `groep`, the columns of `list_indicators`, `organisaties` (in
        the group), `n` (filled in), `som`, `aandeel_pct`, `midden` (as `middle`) and `getoond`. Of a
        protected indicator a group that may not be shown (`is_shown`) has no numbers, nor have as
        many others, the smallest first, as it takes that what is missing from the total may be
        shown. Percentages have no sum.
    """
    rows = []
    for kind in groups:
        members = groups[kind].value_counts()
        for about, values in _each(sisca):
            level, whole = about["toegangsniveau"], float(values.sum())
            parts = _by_group(values, groups[kind])
            hidden = _hidden_groups(parts, level)
            for name, part in parts.items():
                shown = name not in hidden and len(part) > 0
                total = float(part.sum()) if shown and about["eenheid"] != "%" else np.nan
                numbers = {
                    "organisaties": int(members[name]),
                    "n": len(part),
                    "som": total,
                    "aandeel_pct": 100 * total / whole if whole else np.nan,
                    "midden": middle(part, level) if shown else np.nan,
                    "getoond": name not in hidden,
                }
                rows.append({"indeling": kind, "groep": name, **about, **numbers})
    return pd.DataFrame(rows)


def group_matrix(
    sums: pd.DataFrame, indicators: Mapping[str, str], value: str = "aandeel_pct"
) -> pd.DataFrame:
    """Return a row per group and a column per indicator, with the organisations in front.

    Parameters
    ----------
    sums : as `sum_by_group` returns it.
    indicators : which, and how their columns are called; one that is not there is left out.
    value : the column of `sums` in the cells. With `aandeel_pct` the organisations are a share too.

    Returns
    -------
    DataFrame
        indexed by `indeling: groep`; an empty cell is not filled in or not shown.
    """
    rows = sums.assign(rij=sums["indeling"] + ": " + sums["groep"])
    wide = rows.pivot_table(index="rij", columns="indicator", values=value, sort=False)
    wide = wide.reindex(index=rows["rij"].unique())
    matrix = wide[[code for code in indicators if code in wide]].rename(columns=indicators)
    members = rows.groupby("rij")["organisaties"].first().reindex(matrix.index)
    if value == "aandeel_pct":
        whole = rows.drop_duplicates("rij").groupby("indeling")["organisaties"].sum()
        members = 100 * members / whole.iloc[0]
    matrix.insert(0, "organisaties", members)
    return matrix.rename_axis(index=None, columns=None)


def _hidden_groups(parts: dict[str, pd.Series], toegangsniveau: str) -> set[str]:
    """Return the groups to leave out, so that neither they nor their sum give anyone away."""
    filled = {name: part for name, part in parts.items() if len(part)}
    hidden = {name for name, part in filled.items() if not is_shown(part, toegangsniveau)}
    by_size = sorted((len(part), name) for name, part in filled.items() if name not in hidden)
    for _, name in by_size if hidden else ():
        if is_shown(pd.concat([filled[each] for each in hidden]), toegangsniveau):
            break
        hidden.add(name)
    return hidden


def ratio_by_group(sisca: pd.DataFrame, groups: pd.DataFrame, ratio: Ratio) -> pd.DataFrame:
    """Return a ratio per group: `indeling`, `groep`, `organisaties`, `n` (behind it) and `waarde`.

    Groups of which `sum_by_group` leaves out an indicator of the ratio have no value here either:
    with the ratio and a public sum it could be worked out. The rest as `compute_ratio`.
    """
    filled = [(about, part) for about, part in _each(sisca) if about["indicator"] in ratio.summed]
    rows = []
    for kind in groups:
        group = groups[kind]
        hidden: set[str] = set()
        for about, values in filled:
            hidden |= _hidden_groups(_by_group(values, group), about["toegangsniveau"])
        for name in _order_of(group):
            members = group.index[group == name]
            value, n = compute_ratio(sisca[sisca["kbo"].isin(members)], ratio)
            rows.append((kind, name, len(members), n, np.nan if name in hidden else value))
    return pd.DataFrame(rows, columns=["indeling", "groep", "organisaties", "n", "waarde"])


def _order_of(group: pd.Series) -> list[str]:
    """Return the groups that occur: sizes from small to large, others by name."""
    found = set(group)
    others = sorted(found - set(STAFF_CLASSES))
    return [name for name in (*STAFF_CLASSES, *others) if name in found]


def _by_group(values: pd.Series, group: pd.Series) -> dict[str, pd.Series]:
    """Return what was filled in, per group."""
    return {name: values.reindex(group.index[group == name]).dropna() for name in _order_of(group)}


def functions_taken_up(sisca: pd.DataFrame) -> pd.DataFrame:
    """Return per function who says to take it up, and the activities of who does and who does not.

    Over the organisations that filled in both; SISCA 2.0 only (no rows otherwise).

    Returns
    -------
    DataFrame
        `functie`, `n` (filled in both), `neemt_op` (organisations), `activiteiten`, `van_wie_opneemt`
        (activities of the organisations that take it up).
    """
    values = wide_values(sisca)
    taken = sisca[sisca["indicator"] == TAKES_UP].dropna(subset="tekst").set_index("kbo")["tekst"]
    names = sisca.drop_duplicates("indicator").set_index("indicator")["omschrijving"]
    rows = []
    for code in FUNCTIONS:
        if code not in values or taken.empty:
            continue
        name = names[code].partition(": ")[2] or names[code]
        both = values[code].dropna().to_frame("aantal").join(taken, how="inner")
        takes = both["tekst"].str.split(r"\s*,\s*", regex=True).map(set).map({name}.issubset)
        done = both["aantal"]
        rows.append((name, len(both), int(takes.sum()), done.sum(), done[takes].sum()))
    columns = ["functie", "n", "neemt_op", "activiteiten", "van_wie_opneemt"]
    return pd.DataFrame(rows, columns=columns)


def function_profile(sisca: pd.DataFrame, groups: pd.DataFrame) -> pd.DataFrame:
    """Return per group which share of its activities each function has, in percent.

    Over the organisations that filled in every function; without columns in SISCA 1.0.

    Returns
    -------
    DataFrame
        indexed by `indeling: groep`, a column per function.
    """
    of_functions = sisca[sisca["indicator"].isin(FUNCTIONS)].dropna(subset="waarde")
    every = of_functions.groupby("kbo")["indicator"].transform("nunique") == len(FUNCTIONS)
    if not every.any():
        return pd.DataFrame()
    members = groups[groups.index.isin(of_functions[every]["kbo"])]
    sums = sum_by_group(of_functions[every], members)
    names = {code: name for code, (_, name) in _FUNCTION_NAMES.items()}
    activities = group_matrix(sums, names, "som").drop(columns="organisaties")
    return 100 * activities.div(activities.sum(axis=1), axis=0)


def breaks_of(sisca: pd.DataFrame) -> dict[int, str]:
    """Return the years that do not compare with the one before, and why.

    Another registration (SISCA 1.0, 2.0), or a year in between that is missing.
    """
    of_year = sisca.groupby("jaar")["registratie"].first().sort_index()
    found = {}
    for before, now in pairwise(of_year.index):
        if of_year[before] != of_year[now]:
            found[int(now)] = f"{of_year[before]} werd {of_year[now]}"
        elif now != before + 1:
            found[int(now)] = f"{int(before) + 1} ontbreekt"
    return found


def turnover(sisca: pd.DataFrame) -> pd.DataFrame:
    """Return per year who stayed, came and left with respect to the year before.

    Whether an organisation is in the registration compares across its break; what it filled in does
    not.

    Returns
    -------
    DataFrame
        `jaar`, `registratie`, `organisaties`, `gebleven`, `nieuw`, `vertrokken` (empty in the first
        year), `breuk` (why its values do not compare with those before; empty when they do).
    """
    breaks = breaks_of(sisca)
    registered = sisca.groupby("jaar").agg({"registratie": "first", "kbo": frozenset})
    rows: list[dict[str, object]] = []
    before: frozenset[str] | None = None
    for jaar, registration, now in registered.itertuples():
        row = {"jaar": jaar, "registratie": registration, "organisaties": len(now)}
        if before is not None:
            row["gebleven"] = len(now & before)
            row["nieuw"] = len(now - before)
            row["vertrokken"] = len(before - now)
        rows.append({**row, "breuk": breaks.get(jaar)})
        before = now
    counts = ["gebleven", "nieuw", "vertrokken"]
    frame = pd.DataFrame(rows, columns=["jaar", "registratie", "organisaties", *counts, "breuk"])
    return frame.astype(dict.fromkeys(counts, "Int64"))


def matched_growth(sisca: pd.DataFrame) -> pd.DataFrame:
    """Return per indicator and year the sum, and its growth over who filled it in in both years.

    `estimates.chained_index`, sums over sums, that starts again at every break (`breaks_of`).

    Returns
    -------
    DataFrame
        the columns of `list_indicators`, `jaar`, `n`, `som`, `in_beide` (organisations with a value
        in this year and the one before), `groei_pct`, `index` (100 at a start, empty for a year
        that stands alone). The first year, and one after a break, have no growth. Of a protected
        indicator growth is in whole percents when few were in only one of the years, for it would
        tell what they filled in. Percentages are left out.
    """
    breaks = set(breaks_of(sisca))
    numbers = sisca.dropna(subset="waarde")
    rows: list[dict[str, object]] = []
    for about in _abouts(sisca):
        if about["eenheid"] == "%":
            continue
        of_one = numbers[numbers["indicator"] == about["indicator"]]
        per_year = of_one.groupby("jaar")["waarde"].agg(["count", "sum"])
        for run in _runs(per_year.index.tolist(), breaks):
            index = 100.0 if len(run) > 1 else np.nan
            for jaar in run:
                counts = {"jaar": jaar, "n": per_year["count"][jaar], "som": per_year["sum"][jaar]}
                row = {**about, **counts}
                if jaar != run[0]:
                    pair = of_one[of_one["jaar"].isin([jaar - 1, jaar])]
                    row["groei_pct"], row["in_beide"] = _growth(pair)
                    index *= 1 + row["groei_pct"] / 100
                rows.append({**row, "index": index})
    columns = [*ABOUT, "jaar", "n", "som", "in_beide", "groei_pct", "index"]
    return pd.DataFrame(rows, columns=columns).astype({"in_beide": "Int64"})


def _runs(years: Sequence[int], breaks: set[int]) -> list[list[int]]:
    """Return the years in pieces within which each compares with the one before."""
    runs: list[list[int]] = []
    for year in years:
        if runs and year == runs[-1][-1] + 1 and year not in breaks:
            runs[-1].append(year)
        else:
            runs.append([year])
    return runs


def _growth(pair: pd.DataFrame) -> tuple[float, int]:
    """Return the growth in percent of one indicator over who is in both years, and how many are."""
    wide = pair.pivot_table(index="kbo", columns="jaar", values="waarde", aggfunc="first")
    both = wide.dropna()
    if len(wide.columns) < 2 or both.empty or not both.iloc[:, 0].sum():
        return np.nan, len(both)
    growth = 100 * (estimates.chained_index(pair, "kbo", "jaar", "waarde")["link"].iloc[-1] - 1)
    if pair["toegangsniveau"].iloc[-1] == PUBLIC:
        return float(growth), len(both)
    if not all(is_shown(both[jaar], PROTECTED) for jaar in both):
        return np.nan, len(both)
    alone = wide[wide.isna().any(axis=1)]
    sums = [(both[jaar], alone[jaar].dropna()) for jaar in both]
    return _protect(100 + growth, sums) - 100, len(both)


def growth_of(rows: pd.DataFrame) -> float:
    """Return the growth, in percent, of one indicator over two years' rows.

    Only over who filled it in in both years; of a protected indicator as `matched_growth`. NaN when
    nobody did or it may not be shown.

    Raises
    ------
    SociusError
        across the break of SISCA 1.0 and 2.0.
    """
    if len(rows["registratie"].unique()) > 1:
        raise SociusError("Over de breuk tussen SISCA 1.0 en 2.0 is geen groei te berekenen.")
    return _growth(rows.dropna(subset="waarde"))[0]


def count_jumps(sisca: pd.DataFrame, factor: float = 5.0) -> pd.DataFrame:
    """Return how often one organisation's value leaps from one year to the next.

    A leap may be true; many of them say that years are filled in in different ways. Not across a
    break.

    Returns
    -------
    DataFrame
        the columns of `list_indicators`, `vergeleken` (pairs of years of one organisation), `van_nul`
        (from 0 to more), `naar_nul`, `keer_factor` (at least `factor` times as much) and
        `gedeeld_door_factor`. Of a protected indicator counts from 1 to 4 are left out.
    """
    pairs = _pairs_of_years(sisca)
    rows = []
    for about in _abouts(sisca):
        of_one = pairs[pairs["indicator"] == about["indicator"]]
        old, new = of_one["vorige"], of_one["waarde"]
        counts = {
            "van_nul": (old == 0) & (new > 0),
            "naar_nul": (old > 0) & (new == 0),
            "keer_factor": (old > 0) & (new >= factor * old),
            "gedeeld_door_factor": (new > 0) & (old >= factor * new),
        }
        if len(of_one):
            level = about["toegangsniveau"]
            masked = {name: _count(int(found.sum()), level) for name, found in counts.items()}
            rows.append({**about, "vergeleken": len(of_one), **masked})
    names = ["vergeleken", "van_nul", "naar_nul", "keer_factor", "gedeeld_door_factor"]
    return pd.DataFrame(rows, columns=[*ABOUT, *names]).astype(dict.fromkeys(names, "Int64"))


def _pairs_of_years(sisca: pd.DataFrame) -> pd.DataFrame:
    """Return each value beside that of the year before, where the two compare."""
    numbers = sisca.dropna(subset="waarde")[["jaar", "kbo", "indicator", "waarde"]]
    before = numbers.assign(jaar=numbers["jaar"] + 1).rename(columns={"waarde": "vorige"})
    both = numbers.merge(before, on=["jaar", "kbo", "indicator"], validate="1:1")
    return both[~both["jaar"].isin(list(breaks_of(sisca)))]


CHECKS: tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...] = (
    ("de functies samen zijn niet gelijk aan alle activiteiten", FUNCTIONS, ("ACT01",)),
    ("meer vrouwen dan medewerkers", ("ORG03",), ("ORG01",)),
    ("meer vte dan medewerkers", ("ORG02",), ("ORG01",)),
    ("meer subsidie dan inkomsten", ("ORG06",), ("ORG07",)),
    ("subsidie en eigen inkomsten samen meer dan de inkomsten", ("ORG06", "ORG09"), ("ORG07",)),
)
"""What cannot be: the left side above the right; of the first, also below it."""


def check_consistency(sisca: pd.DataFrame) -> pd.DataFrame:
    """Return how many organisations filled in numbers of one year that contradict each other.

    Returns
    -------
    DataFrame
        `tegenspraak`, `nagegaan` (organisations that filled in all that it takes), `gevonden`. What
        the registration does not ask is not there.
    """
    values = wide_values(sisca)
    rows = []
    for said, left, right in CHECKS:
        if set(left) | set(right) <= set(values):
            both = values.dropna(subset=[*left, *right])
            gap = both[list(left)].sum(axis=1) - both[list(right)].sum(axis=1)
            wrong = gap.abs() > 0.005 if left == FUNCTIONS else gap > 0.005
            rows.append((said, len(both), int(wrong.sum())))
    return pd.DataFrame(rows, columns=["tegenspraak", "nagegaan", "gevonden"])
