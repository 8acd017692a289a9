"""A parameter that a notebook does not take is refused before anything runs."""

import json

import pytest

from socius_lib import SociusError
from socius_lib.parameters import check_parameters, parse_parameter, read_parameters


@pytest.fixture
def notebook(tmp_path):
    def write(*cells: str):
        made = [
            {"cell_type": "code", "metadata": {"tags": ["parameters"]}, "source": [source]}
            for source in cells
        ]
        path = tmp_path / "20_proef.ipynb"
        path.write_text(json.dumps({"cells": made}), encoding="utf-8")
        return path

    return write


CELL = 'jaar = 2021  # het werkjaar\nbron = "voorbeeld"\ngrens = 0.5\nkort = False'


def test_names_types_and_defaults_are_those_of_the_parameters_cell(notebook):
    assert read_parameters(notebook(CELL)) == {
        "jaar": 2021,
        "bron": "voorbeeld",
        "grens": 0.5,
        "kort": False,
    }


def test_a_misspelt_parameter_is_refused_with_the_nearest(notebook):
    with pytest.raises(SociusError, match="'jaar'"):
        check_parameters(notebook(CELL), {"jar": 2020})


@pytest.mark.parametrize(
    "given", [{"jaar": "2020"}, {"jaar": 2020.5}, {"bron": 3}, {"kort": 1}, {"jaar": True}]
)
def test_a_value_of_another_type_is_refused(notebook, given):
    with pytest.raises(SociusError, match=next(iter(given))):
        check_parameters(notebook(CELL), given)


def test_a_whole_number_is_a_number_and_what_fits_is_taken(notebook):
    check_parameters(notebook(CELL), {"jaar": 2020, "bron": "proef", "grens": 1, "kort": True})


def test_a_parameter_without_a_value_must_be_given(notebook):
    path = notebook("jaar = 2021\norganisatie = None")
    with pytest.raises(SociusError, match="organisatie"):
        check_parameters(path, {"jaar": 2021})
    check_parameters(path, {"organisatie": "0999000129"})


@pytest.mark.parametrize("cells", [(), (CELL, CELL), ("jaar = max(2020, 2021)",), ("import os",)])
def test_a_notebook_whose_parameters_cannot_be_read_is_refused(notebook, cells):
    with pytest.raises(SociusError, match="20_proef"):
        read_parameters(notebook(*cells))


def test_a_file_that_is_no_notebook_is_refused(tmp_path):
    path = tmp_path / "20_proef.ipynb"
    path.write_text("<<<<<<< HEAD", encoding="utf-8")
    with pytest.raises(SociusError, match="geen notebook"):
        read_parameters(path)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("jaar=2020", 2020), ("bron=proef", "proef"), ("grens=0.25", 0.25), ("kort=ja", True)],
)
def test_a_value_on_the_command_line_gets_the_type_of_the_default(notebook, text, expected):
    assert parse_parameter(notebook(CELL), text) == (text.partition("=")[0], expected)


@pytest.mark.parametrize("text", ["jaar", "jaar=veel", "jar=2020", "kort=misschien"])
def test_what_is_no_parameter_on_the_command_line_is_refused(notebook, text):
    with pytest.raises(SociusError):
        parse_parameter(notebook(CELL), text)
