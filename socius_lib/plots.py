"""Pictures in one house style: a sentence as title, values at the marks, no legend to decode.

Each function draws a table that has one row per mark and returns the axes; `show.show_figure` makes
of it what a notebook shows, with the alt text and the table.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from textwrap import fill
from typing import TYPE_CHECKING, Any, cast

import pandas as pd

from socius_lib.errors import SociusError
from socius_lib.format import format_value

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

COLOURS = ("#1F5673", "#C8553D", "#5B8E7D", "#8A6D9E", "#B8892B", "#6B7280")
"""Blue, brick, green, violet, ochre, grey: apart in the common forms of colour blindness."""
LIGHT = "#D5DCE2"
"""For what is not in focus."""


def use_house_style() -> None:
    """Set seaborn and matplotlib to the house style."""
    import seaborn as sns

    sns.set_theme(
        style="white",
        palette=list(COLOURS),
        font="DejaVu Sans",
        rc={
            "figure.figsize": (8, 4.2),
            "figure.dpi": 110,
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.titlelocation": "left",
            "axes.titlesize": 13,
            "axes.titleweight": "bold",
            "axes.titlepad": 14,
            "axes.titley": 1.0,  # where it is anyway; looking for it takes a tenth of the time
            "axes.labelcolor": "#374151",
            "axes.edgecolor": "#9CA3AF",
            "text.color": "#111827",
            "svg.hashsalt": "socius",
        },
    )


def plot_bars(
    data: pd.DataFrame,
    value: str,
    category: str,
    title: str,
    *,
    unit: str | None = None,
    decimals: int = 0,
    focus: Sequence[str] = (),
) -> Axes:
    """Return horizontal bars with the value written at each bar.

    Parameters
    ----------
    data : one row per bar, from top to bottom.
    title : what the figure shows, as a sentence.
    focus : categories in full colour, the others light; all in full colour when left out.
    """
    import seaborn as sns

    axes, names = _rows(data, category, 0.36)
    colours = [COLOURS[0] if not focus or name in focus else LIGHT for name in names]
    axes.barh(range(len(names)), data[value].to_numpy("float64", na_value=0), color=colours)
    for at, number in enumerate(data[value]):
        text = f" {format_value(number, unit, decimals)}"
        axes.text(0 if pd.isna(number) else number, at, text, va="center", ha="left")
    axes.set_title(title, x=0)
    axes.set(xlabel="", ylabel="", xticks=[])
    axes.margins(x=0.12)
    sns.despine(ax=axes, bottom=True)
    return axes


def plot_parts(data: pd.DataFrame, parts: Sequence[str], category: str, title: str) -> Axes:
    """Return bars made of parts, with the number in each part and the whole at the end.

    Parameters
    ----------
    data : one row per bar, from top to bottom; a column of counts per part.
    parts : those columns from left to right, named above the first bar; the last one is light, for
        what remains.
    """
    axes, names = _rows(data, category)
    colours = dict(zip(parts, [*COLOURS[: len(parts) - 1], LIGHT], strict=True))
    left = data[list(parts)].cumsum(axis=1).shift(axis=1, fill_value=0)
    whole = data[list(parts)].sum(axis=1)
    axes.set_xlim(0, whole.max() * 1.06)
    for part, colour in colours.items():
        axes.barh(range(len(names)), data[part], left=left[part], color=colour, height=0.66)
        for at, (begin, count) in enumerate(zip(left[part], data[part], strict=True)):
            _write_within(axes, at, begin, count, "#111827" if colour == LIGHT else "white")
    for at, count in enumerate(whole):
        axes.text(count, at, f" {format_value(count, None)}", va="center", ha="left")
    lines = _name_parts(axes, left.iloc[0], colours)
    axes.set_xticks([])
    _finish(axes, title).set_title(title, x=0, pad=12 + 15 * lines)
    axes.spines["bottom"].set_visible(False)
    return axes


def _write_within(axes: Axes, at: int, begin: float, count: float, colour: str) -> None:
    """Write a number in its part of a bar, if there is room for it."""
    text = axes.text(begin + count / 2, at, format_value(count, None), va="center", ha="center")
    text.set(color=colour, fontsize=9)
    ends = axes.transData.transform([(begin, at), (begin + count, at)])
    if text.get_window_extent().width > ends[1, 0] - ends[0, 0] - 2:
        text.remove()


def _name_parts(axes: Axes, begins: pd.Series, colours: Mapping[str, str]) -> int:
    """Write the name of each part above where it begins in the first bar; return the lines it took.

    From right to left: a name that would run into one at its right goes a line higher than that,
    with a line down to its part.
    """
    placed: list[tuple[float, int]] = []
    for part in reversed(list(colours)):
        ink = COLOURS[5] if colours[part] == LIGHT else colours[part]
        foot = (begins[part], -0.36)
        text = axes.annotate(part, foot, (0, 3), textcoords="offset points")
        text.set(color=ink, fontsize=9, weight="bold", annotation_clip=False)
        start = axes.transData.transform((begins[part], 0))[0]
        end = start + text.get_window_extent().width + 8
        line = 1 + max((line for right, line in placed if right < end), default=-1)
        text.xyann = (0, 3 + 15 * line)
        if line:
            down = {"arrowstyle": "-", "color": ink, "shrinkA": 0, "shrinkB": 0}
            axes.annotate("", foot, text.xyann, textcoords="offset points", arrowprops=down)
        placed.append((start, line))
    return 1 + max(line for _, line in placed)


def plot_pairs(
    data: pd.DataFrame,
    before: str,
    after: str,
    category: str,
    title: str,
    *,
    unit: str | None = None,
    decimals: int = 0,
) -> Axes:
    """Return two points per category joined by a line: how a number moved between two years.

    Parameters
    ----------
    before, after : columns with the two numbers; their names are written above the first pair.
    """
    import seaborn as sns

    names = data[category].astype("str").tolist()
    axes = _canvas((8, 1.4 + 0.45 * len(names)))
    axes.hlines(range(len(names)), data[before], data[after], color=LIGHT, linewidth=4, zorder=0)
    for column, colour in ((before, COLOURS[5]), (after, COLOURS[0])):
        sns.scatterplot(x=data[column], y=range(len(names)), color=colour, s=90, ax=axes, zorder=2)
    for at, (old, new) in enumerate(zip(data[before], data[after], strict=True)):
        right, left = (new, old) if new >= old else (old, new)
        for number, shift, side in ((right, 9, "left"), (left, -9, "right")):
            text = format_value(number, unit, decimals)
            axes.annotate(
                text, (number, at), (shift, 0), textcoords="offset points", va="center", ha=side
            )
    axes.set_yticks(range(len(names)), names)
    axes.set_ylim(len(names) - 0.5, -1)
    axes.set_title(title, x=0)
    axes.set(xlabel="", ylabel="", xticks=[])
    numbers = data[[before, after]].to_numpy(float).ravel()
    longest = max(len(format_value(float(number), unit, decimals)) for number in numbers)
    axes.margins(x=max(0.2, 0.028 * longest))
    _name_pair(axes, data[[before, after]].iloc[0].to_dict(), (COLOURS[5], COLOURS[0]))
    sns.despine(ax=axes, bottom=True, left=True)
    return axes


def _name_pair(axes: Axes, pair: Mapping[Any, float], colours: Sequence[str]) -> None:
    """Write the two names above the first pair, away from each other when they lie close."""
    axes.autoscale_view()  # otherwise the limits come only when it is drawn
    left, right = axes.transData.transform([(float(number), 0) for number in pair.values()])[:, 0]
    sides = ("right", "left") if left <= right else ("left", "right")
    if abs(right - left) > 100:
        sides = ("center", "center")
    for (name, number), side, colour in zip(pair.items(), sides, colours, strict=True):
        shift = {"center": 0, "right": -2, "left": 2}[side]
        text = axes.annotate(str(name), (number, 0), (shift, 22), textcoords="offset points")
        text.set(ha=side, color=colour, weight="bold")


def _canvas(figsize: tuple[float, float]) -> Axes:
    """Return axes on a picture of their own, in inches, in the house style."""
    return cast("Axes", _figure(1, 1, figsize)[1][0][0])


def _figure(rows: int, columns: int, figsize: tuple[float, float]) -> tuple[Figure, Any]:
    """Return a picture with a grid of axes. It is closed already: a cell that draws it shows nothing.

    Only `show.show_figure` shows it, with its alt text and its table.
    """
    import matplotlib.pyplot as plt

    use_house_style()
    figure, grid = plt.subplots(rows, columns, figsize=figsize, squeeze=False)
    plt.close(figure)
    return figure, grid


def _names(data: pd.DataFrame, category: str) -> list[str]:
    return [str(name) for name in data[category]]


def _rows(data: pd.DataFrame, category: str, inches: float = 0.42) -> tuple[Axes, list[str]]:
    """Return axes with a row per category, the first on top, and the categories."""
    names = _names(data, category)
    axes = _canvas((8, 1.3 + inches * len(names)))
    axes.set_yticks(range(len(names)), names)
    axes.set_ylim(len(names) - 0.5, -0.5)
    return axes, names


def _finish(axes: Axes, title: str, xlabel: str = "") -> Axes:
    """Set the title at the left edge of the picture and take away what says nothing."""
    import seaborn as sns

    axes.set_title(title, x=0)
    axes.set(xlabel=xlabel, ylabel="")
    axes.tick_params(left=False)
    sns.despine(ax=axes, left=True)
    return axes


def _flemish_ticks(axes: Axes, unit: str | None, decimals: int, axis: str = "x") -> None:
    """Write the ticks the Flemish way; never at steps of 2.5, which rounding would make uneven."""
    from matplotlib.ticker import MaxNLocator

    which = axes.xaxis if axis == "x" else axes.yaxis
    which.set_major_locator(MaxNLocator("auto", steps=(1, 2, 5, 10), integer=decimals == 0))
    which.set_major_formatter(lambda value, _: format_value(value, unit, decimals))


def plot_intervals(
    data: pd.DataFrame,
    value: str,
    low: str,
    high: str,
    category: str,
    title: str,
    *,
    unit: str | None = None,
    decimals: int = 0,
    reference: float | None = None,
    note: str | None = None,
) -> Axes:
    """Return a point with its interval per category (forest plot), the value written at the right.

    Parameters
    ----------
    low, high : columns with the bounds of the interval; a category without interval has only its point.
    reference : a line to compare with, e.g. the value of all together.
    note : column written behind the value, e.g. with `n`.
    """
    axes, _ = _rows(data, category)
    if reference is not None:
        axes.axvline(reference, color=COLOURS[5], linewidth=1, linestyle="--", zorder=0)
    axes.hlines(range(len(data)), data[low], data[high], color=COLOURS[0], linewidth=2.5)
    axes.scatter(data[value], range(len(data)), color=COLOURS[0], s=55, zorder=3)
    for at, row in enumerate(data.to_dict("records")):
        text = format_value(row[value], unit, decimals)
        text += f"  ({row[note]})" if note else ""
        axes.annotate(text, (1.01, at), xycoords=("axes fraction", "data"), va="center")
    _flemish_ticks(axes, unit, decimals)
    return _finish(axes, title)


def plot_places(
    data: pd.DataFrame, low: str, high: str, category: str, title: str, *, note: str
) -> Axes:
    """Return where something lies among others, from lowest to highest, per category.

    A point where the place is known, with a bar as far as it is shared or not told more exactly. The
    middle half of the others is shaded.

    Parameters
    ----------
    low, high : columns with the place, in percent of the others: between which it lies.
    note : column written at the right.
    """
    axes, names = _rows(data, category)
    left, right = 0.33, 0.7
    axes.figure.subplots_adjust(left=left, right=right)
    rows = range(len(names))
    axes.set_yticks(rows, [fill(name, 34) for name in names], fontsize=9)
    axes.axvspan(25, 75, color=LIGHT, alpha=0.45, linewidth=0, zorder=0)
    axes.axvline(50, color=COLOURS[5], linewidth=1, linestyle="--", zorder=1)
    axes.hlines(rows, data[low], data[high], color=COLOURS[0], linewidth=6, alpha=0.35, zorder=2)
    axes.scatter((data[low] + data[high]) / 2, rows, color=COLOURS[0], s=45, zorder=3)
    for at, text in enumerate(data[note]):
        axes.annotate(text, (1.02, at), xycoords=("axes fraction", "data"), va="center", fontsize=9)
    axes.set(xlim=(-2, 102))
    axes.set_xticks([0, 50, 100], ["laagste", "midden", "hoogste"], fontsize=9)
    _finish(axes, title).set_title(title, x=-left / (right - left))
    return axes


def plot_funnel(
    data: pd.DataFrame,
    value: str,
    size: str,
    title: str,
    *,
    centre: float,
    limits: pd.DataFrame,
    label: str | None = None,
    unit: str | None = None,
    decimals: int = 0,
    xlabel: str = "",
) -> Axes:
    """Return points against their size, within the limits that chance alone would give.

    A small group lies far from the centre by chance; only what lies outside the limits is more.

    Parameters
    ----------
    limits : columns `n`, `laag`, `hoog`: the limits for each size.
    label : column with the names to write at the points outside the limits.
    """
    axes = _canvas((8, 4.6))
    axes.fill_between(
        limits["n"], limits["laag"], limits["hoog"], color=LIGHT, alpha=0.55, linewidth=0
    )
    axes.axhline(centre, color=COLOURS[5], linewidth=1, linestyle="--")
    widest = limits.sort_values("n").iloc[-1]
    axes.annotate("alle samen", (1.01, centre), xycoords=("axes fraction", "data"), va="center")
    axes.annotate(
        "toeval",
        (1.01, widest["hoog"]),
        xycoords=("axes fraction", "data"),
        va="center",
        color=COLOURS[5],
    )
    low = pd.Series(_interpolate(limits, data[size], "laag"), index=data.index)
    high = pd.Series(_interpolate(limits, data[size], "hoog"), index=data.index)
    outside = (data[value] < low) | (data[value] > high)
    for rows, colour in ((data[~outside], COLOURS[0]), (data[outside], COLOURS[1])):
        axes.scatter(rows[size], rows[value], color=colour, s=45, alpha=0.8, zorder=3)
    _flemish_ticks(axes, unit, decimals, "y")
    if label:
        lowest = float("inf")
        for row in data[outside].sort_values(value, ascending=False).to_dict("records"):
            height = axes.transData.transform((0, row[value]))[1]
            lowest = min(height, lowest - 17)  # pixels: a line of text below the one before
            axes.annotate(
                str(row[label]),
                (row[size], row[value]),
                (7, (lowest - height) * 72 / axes.figure.dpi),
                textcoords="offset points",
                va="center",
                color=COLOURS[1],
                fontsize=9,
            )
    return _finish(axes, title, xlabel)


def _interpolate(limits: pd.DataFrame, sizes: pd.Series, column: str) -> Any:
    import numpy as np

    ordered = limits.sort_values("n")
    return np.interp(sizes.astype(float), ordered["n"].astype(float), ordered[column].astype(float))


def plot_diverging(
    data: pd.DataFrame,
    category: str,
    answers: Sequence[str],
    title: str,
    *,
    note: str | None = None,
) -> Axes:
    """Return answers on a scale as bars that part in the middle: disagreeing left, agreeing right.

    Parameters
    ----------
    data : one row per statement; a column of percentages per answer.
    answers : those columns from most negative to most positive; with an odd number, the middle one
        lies half on each side.
    note : column written at the right of the bars, e.g. who did not know.
    """
    axes, names = _rows(data, category, 0.6)
    shades = {
        3: ("#C8553D", LIGHT, "#1F5673"),
        4: ("#C8553D", "#E3A698", "#86A9BD", "#1F5673"),
        5: ("#C8553D", "#E3A698", LIGHT, "#86A9BD", "#1F5673"),
    }
    if len(answers) not in shades:
        raise SociusError("Uiteenlopende staven zijn er voor drie, vier of vijf antwoorden.")
    half = len(answers) // 2
    start = -data[list(answers[:half])].sum(axis=1)
    if len(answers) % 2:
        start -= data[answers[half]] / 2
    left = start.to_numpy()
    for answer, colour in zip(answers, shades[len(answers)], strict=True):
        width = data[answer].to_numpy()
        axes.barh(range(len(names)), width, left=left, color=colour, height=0.62)
        for at, (start, wide) in enumerate(zip(left, width, strict=True)):
            if wide >= 6:
                dark = colour in {"#C8553D", "#1F5673"}
                axes.text(
                    start + wide / 2,
                    at,
                    format_value(wide, "percent"),
                    va="center",
                    ha="center",
                    color="white" if dark else "#111827",
                    fontsize=9,
                )
        left = left + width
    for at, text in enumerate(data[note] if note else ()):
        axes.annotate(text, (1.01, at), xycoords=("axes fraction", "data"), va="center", fontsize=9)
    axes.axvline(0, color="#111827", linewidth=0.8, zorder=0)
    for text, shift, side in ((f"← {answers[0]}", -6, "right"), (f"{answers[-1]} →", 6, "left")):
        axes.annotate(
            text,
            (0, -0.55),
            (shift, 0),
            textcoords="offset points",
            ha=side,
            va="center",
            fontsize=9,
            color="#374151",
        )
    axes.set_ylim(len(names) - 0.5, -0.85)
    axes.set_xticks([])
    return _finish(axes, title)


def plot_lines(
    data: pd.DataFrame,
    x: str,
    value: str,
    series: str | None,
    title: str,
    *,
    unit: str | None = None,
    decimals: int = 0,
    breaks: Mapping[float, str] | None = None,
) -> Axes:
    """Return lines over the years, each named at its end; a missing year is a gap.

    Parameters
    ----------
    data : one row per year and series.
    series : column with the name of the line; None for one line.
    breaks : where the series breaks (between two years), and why; lines stop there.
    """
    axes = _canvas((8, 4.4))
    groups = data.groupby(series, sort=False) if series else [("", data)]
    edges = [-float("inf"), *sorted(breaks or {}), float("inf")]
    for number, (name, rows) in enumerate(groups):
        colour = COLOURS[number % len(COLOURS)]
        ordered = rows.sort_values(x)
        for begin, end in pairwise(edges):
            part = ordered[(ordered[x] > begin) & (ordered[x] < end)]
            axes.plot(part[x], part[value], color=colour, linewidth=2, marker="o", markersize=5)
        known = ordered.dropna(subset=value)
        if len(known):
            last = known.iloc[-1]
            text = f"{name!s} {format_value(last[value], unit, decimals)}".strip()
            axes.annotate(
                text,
                (last[x], last[value]),
                (8, 0),
                textcoords="offset points",
                va="center",
                color=colour,
                annotation_clip=False,
            )
    for place, why in (breaks or {}).items():
        axes.axvline(place, color=COLOURS[5], linestyle=":", linewidth=1.5)
        axes.annotate(
            why,
            (place, 0.02),
            (4, 0),
            xycoords=("data", "axes fraction"),
            va="bottom",
            textcoords="offset points",
            fontsize=9,
            color=COLOURS[5],
        )
    years = sorted(data[x].unique())
    axes.set_xticks(years, [str(int(year)) for year in years])
    axes.set_ylim(bottom=min(0, data[value].min()))
    _flemish_ticks(axes, unit, decimals, "y")
    return _finish(axes, title)


def plot_panels(
    data: pd.DataFrame,
    x: str,
    value: str,
    panel: str,
    title: str,
    *,
    text: str,
    note: str,
    breaks: Mapping[float, str] | None = None,
) -> Axes:
    """Return a small line per panel, each with its own scale from 0, and its values written at it.

    Parameters
    ----------
    data : one row per year and panel; a missing year is a gap.
    text, note : columns with what stands at each point, and under its year.
    breaks : where the series breaks (between two years), and why; lines stop there.
    """
    names = list(dict.fromkeys(data[panel]))
    rows = -(-len(names) // 2)
    lines = 2 + data[note].astype("str").str.count("\n").max()
    high, above, below = 0.95, 0.3, 0.2 + 0.14 * lines  # inches: a panel, its name, its years
    whole = 0.35 + rows * (high + above + below)
    figure, grid = _figure(rows, 2, (8, whole))
    figure.subplots_adjust(
        left=0.01, right=0.99, bottom=below / whole, top=1 - (0.35 + above) / whole,
        wspace=0.06, hspace=(above + below) / high,
    )  # fmt: skip
    edges = [-float("inf"), *sorted(breaks or {}), float("inf")]
    for axes, name in zip(grid.flat, names, strict=False):
        points = data[data[panel] == name].sort_values(x)
        for begin, end in pairwise(edges):
            part = points[(points[x] > begin) & (points[x] < end)]
            axes.plot(part[x], part[value], color=COLOURS[0], linewidth=2, marker="o", markersize=5)
        for row in points.dropna(subset=value).to_dict("records"):
            label = axes.annotate(
                row[text], (row[x], row[value]), (0, 7), textcoords="offset points"
            )
            label.set(ha="center", fontsize=8)
        for place in breaks or {}:
            axes.axvline(place, color=COLOURS[5], linestyle=":", linewidth=1.5)
        under = [f"{int(year)}\n{said}" for year, said in zip(points[x], points[note], strict=True)]
        axes.set_xticks(points[x], under, fontsize=8)
        axes.set(xlim=(data[x].min() - 0.5, data[x].max() + 0.5), yticks=[])
        axes.set_ylim(0, 1.3 * (points[value].max() or 1))
        axes.set_title(name, fontsize=10, pad=4)
        axes.spines["left"].set_visible(False)
    for axes in grid.flat[len(names) :]:
        axes.set_axis_off()
    why = "".join(f"\nStippellijn: {reason}." for reason in (breaks or {}).values())
    figure.suptitle(title, x=0.01, ha="left", weight="bold", fontsize=13)
    figure.text(0.01, 0, why.strip(), fontsize=9, color=COLOURS[5], va="top")
    first: Axes = grid.flat[0]
    return first


def plot_heatmap(
    matrix: pd.DataFrame, title: str, *, unit: str | None = None, decimals: int = 0
) -> Axes:
    """Return a table as a picture: the darker a cell, the higher its number, which stands in it."""
    import seaborn as sns

    rows, columns = matrix.shape
    axes = _canvas((min(12, 2.8 + 0.75 * columns), 1.5 + 0.36 * rows))
    texts = matrix.map(
        lambda number: "" if pd.isna(number) else format_value(number, unit, decimals)
    )
    sns.heatmap(
        matrix.astype(float),
        annot=texts,
        fmt="",
        ax=axes,
        cbar=False,
        linewidths=1,
        cmap=sns.light_palette(COLOURS[0], as_cmap=True),
        annot_kws={"fontsize": 9},
    )
    numbers = [number for number in matrix.to_numpy(float).ravel() if not pd.isna(number)]
    for text, number in zip(axes.texts, numbers, strict=True):
        dark = number - min(numbers) > 0.6 * (max(numbers) - min(numbers))
        text.set_color("white" if dark else "#111827")
    axes.set_title(title, x=0)
    axes.set(xlabel="", ylabel="")
    axes.tick_params(axis="x", rotation=35)
    for text in axes.get_xticklabels():
        text.set_horizontalalignment("right")
    return axes


def plot_curves(
    data: pd.DataFrame, x: str, y: str, series: str, title: str, *, xlabel: str, ylabel: str
) -> Axes:
    """Return curves between (0, 0) and (1, 1) beside the line of equal shares (Lorenz curves).

    Parameters
    ----------
    data : one row per point and curve; `x` and `y` are shares from 0 to 1.
    """
    axes = _canvas((6.4, 5.4))
    axes.plot([0, 1], [0, 1], color=COLOURS[5], linestyle="--", linewidth=1)
    axes.annotate("gelijk verdeeld", (0.7, 0.7), (-6, 6), textcoords="offset points", ha="right")
    for number, (name, rows) in enumerate(data.groupby(series, sort=False)):
        colour = COLOURS[number % len(COLOURS)]
        axes.plot(rows[x], rows[y], color=colour, linewidth=2)
        near = rows.iloc[(rows[y] - 0.3).abs().argsort().iloc[0]]
        axes.annotate(
            fill(str(name), 20),
            (near[x], near[y]),
            (-10, 5),
            textcoords="offset points",
            ha="right",
            va="center",
            color=colour,
            fontsize=9,
        )
    for axis in ("x", "y"):
        which = axes.xaxis if axis == "x" else axes.yaxis
        which.set_major_formatter(lambda share, _: format_value(100 * share, "percent"))
    axes.set_title(title, x=0)
    axes.set(xlabel=xlabel, ylabel=ylabel, xlim=(0, 1), ylim=(0, 1))
    return axes


def plot_network(nodes: pd.DataFrame, ties: pd.DataFrame, title: str) -> Axes:
    """Return a network of kinds of nodes, each kind in a column, with ties between the columns.

    Parameters
    ----------
    nodes : `naam`, `soort` (the kind), `groep` (written above the first of each group; missing for
        none), `gewicht` (size), `kolom` and `regel` (where it lies).
    ties : `van`, `naar` (names, from left to right) and `gewicht` (width).
    """
    gap, band = 1.7, 2.5  # inches: between the columns, for the names of a column in the middle
    width, line = 8.2, 0.175
    columns = nodes["kolom"].nunique()
    lines = nodes["regel"].max() + 2
    axes = _canvas((width, line * (lines + 2.6)))
    axes.set_position((0, 0, 1, 1))
    place = dict(zip(nodes["naam"], nodes["kolom"], strict=True))
    left = {name: 0.6 + at * (gap + band) - (band if at else 0) for name, at in place.items()}
    right = {name: left[name] + (band if 0 < at < columns - 1 else 0) for name, at in place.items()}
    height = dict(zip(nodes["naam"], -line * nodes["regel"], strict=True))
    heaviest = ties["gewicht"].max()
    for tie in ties.sort_values("gewicht", kind="stable").to_dict("records"):
        share = tie["gewicht"] / heaviest
        x, y = (right[tie["van"]], left[tie["naar"]]), (height[tie["van"]], height[tie["naar"]])
        alpha = 0.22 + 0.5 * min(1, 3 * share)
        axes.plot(x, y, color=COLOURS[5], alpha=alpha, linewidth=0.5 + 5 * share, zorder=0)
    for _, of_kind in nodes.groupby("kolom"):
        first, kind, column = of_kind.iloc[0][["naam", "soort", "kolom"]]
        colour = COLOURS[column]
        size = 14 + 170 * of_kind["gewicht"] / nodes["gewicht"].max()
        xs, ys = of_kind["naam"].map(left), of_kind["naam"].map(height)
        axes.scatter(xs, ys, s=size, color=colour, marker="osD^"[column % 4], zorder=2)
        side = "right" if column == 0 else "left"
        axes.text(left[first] - 0.4 * (column == 0), 1.6 * line, kind, color=colour, weight="bold")
        if 0 < column < columns - 1:
            axes.scatter(of_kind["naam"].map(right), ys, s=5, color=colour, marker="s", zorder=2)
        shift = -9 if column == 0 else 9
        for at, name in zip(zip(xs, ys, strict=True), of_kind["naam"], strict=True):
            short = name if len(name) <= 40 else f"{name[:39]}…"
            text = axes.annotate(short, at, (shift, 0), textcoords="offset points", va="center")
            text.set(ha=side, fontsize=8)
        for node in of_kind.dropna(subset="groep").drop_duplicates("groep").to_dict("records"):
            where = (left[node["naam"]], height[node["naam"]] + line)
            text = axes.annotate(node["groep"], where, (9, 0), textcoords="offset points")
            text.set(va="center", fontsize=8, weight="bold", color=colour)
    axes.set(xlim=(0, width), ylim=(-line * lines, 2.6 * line))
    axes.set_axis_off()
    axes.set_title(title, x=0)
    return axes
