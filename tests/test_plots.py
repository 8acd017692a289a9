"""The pictures: what is written in them, and where (socius_lib.plots)."""

import matplotlib.pyplot as plt
import pandas as pd
import pytest

from socius_lib.plots import plot_pairs, plot_parts

plt.switch_backend("Agg")


@pytest.fixture(autouse=True)
def no_figure_stays_open():
    yield
    plt.close("all")


def written(axes) -> list[str]:
    """The texts that are written in a picture, title and axes left out."""
    return [text.get_text().strip() for text in axes.texts if text.get_text().strip()]


def place_of(axes, name):
    """Where a text begins and ends, in pixels."""
    (found,) = [text for text in axes.texts if text.get_text() == name]
    axes.figure.canvas.draw()
    return found.get_window_extent()


VRAGEN = pd.DataFrame(
    {
        "groep": ["alle", "klein"],
        "gerealiseerd": [60, 1],
        "goedgekeurd": [2, 0],
        "afgewezen": [30, 20],
    }
)
DELEN = ["gerealiseerd", "goedgekeurd", "afgewezen"]


def test_parts_are_named_and_each_bar_ends_with_its_whole():
    texts = written(plot_parts(VRAGEN, DELEN, "groep", "Titel"))
    assert set(DELEN) <= set(texts)
    assert "92" in texts and "21" in texts


def test_a_number_is_left_out_where_there_is_no_room_for_it_and_0_always():
    texts = written(plot_parts(VRAGEN, DELEN, "groep", "Titel"))
    assert "60" in texts and "30" in texts and "20" in texts
    assert "1" not in texts and "0" not in texts


def test_names_of_narrow_parts_do_not_run_into_each_other():
    axes = plot_parts(VRAGEN, DELEN, "groep", "Titel")
    names = [place_of(axes, name) for name in DELEN]
    assert not any(one.overlaps(other) for at, one in enumerate(names) for other in names[at + 1 :])
    # the name of the narrow part lies higher than that of the part after it
    assert names[1].y0 > names[2].y0


def test_parts_end_at_the_right_of_those_before():
    axes = plot_parts(VRAGEN, DELEN, "groep", "Titel")
    assert [bar.get_x() for bar in axes.patches] == [0, 0, 60, 1, 62, 1]


@pytest.mark.parametrize(("before", "after"), [(100, 102), (102, 100), (100, 100), (1, 100)])
def test_the_names_of_a_pair_do_not_run_into_each_other(before, after):
    data = pd.DataFrame({"k": ["a", "b"], "2020": [before, 50], "2021": [after, 1]})
    axes = plot_pairs(data, "2020", "2021", "k", "Titel")
    earlier, later = place_of(axes, "2020"), place_of(axes, "2021")
    assert not earlier.overlaps(later)
    assert (earlier.x0 < later.x0) == (before <= after)


def test_the_number_left_of_a_pair_does_not_run_into_the_category():
    data = pd.DataFrame({"k": ["2020"], "uit": [1445010.0], "in": [1578845.0]})
    axes = plot_pairs(data, "uit", "in", "k", "Titel", unit="eur")
    number = place_of(axes, "€\u00a01.445.010")
    (label,) = axes.get_yticklabels()
    assert label.get_window_extent().x1 < number.x0
