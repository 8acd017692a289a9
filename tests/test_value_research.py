"""The value research data set, on tables one can check by hand and on the example data."""

import html
import math
import re

import numpy as np
import pandas as pd
import pyreadstat
import pytest

from socius_lib import calculate, catalogue, kengetallen, schema, value_research
from socius_lib.errors import MissingTable
from socius_lib.value_research import (
    BY_NAME,
    LEAST_ANSWERS,
    MISSING,
    MODELS,
    PER_PREDICTOR,
    VARIABLES,
    ModelPlan,
    Term,
    codebook,
    fit_models,
    for_partners,
    join_small,
    missing_reasons,
    research_table,
    robust_regression,
    write_research,
)
from socius_lib.value_research.table import NEEDS
from socius_lib.value_research.variables import COLUMNS, LEFT_OUT, PARTS, PRIVACY_EN

NOT_ASKED, NOT_APPLICABLE, NOT_FILLED_IN = (value.code for value in MISSING)


def frame(name: str, *rows: dict) -> pd.DataFrame:
    """Rows of a table of the workbench; columns that are not given are empty."""
    return schema.fit(pd.DataFrame(list(rows)), catalogue.table(name))


def organisation(number: int, jaar: int = 2021, **given) -> dict:
    known = {"erkend": True, "type": "thema", "werkingsgebied": "landelijk", "instromer": False}
    about = {"jaar": jaar, "organisatie_id": f"org{number}", "kbo": f"{number:010d}"}
    return {**about, **known, "subsidieschaal": "A", **given}


def indicator(number: int, code: str, value, jaar: int = 2021, level: str = "publiek") -> dict:
    which = {"tekst": value} if isinstance(value, str) else {"waarde": float(value)}
    version = "SISCA 2.0" if jaar > 2020 else "SISCA 1.0"
    about = {"jaar": jaar, "kbo": f"{number:010d}", "indicator": code, "toegangsniveau": level}
    return {**about, "registratie": version, **which}


def answer(number: int, score: int | None = None, jaar: int = 2021) -> dict:
    items = {f"w{scale}{item}": score for scale in "pgs" for item in range(1, 5)}
    return {"jaar": jaar, "kbo": f"{number:010d}", "beantwoord": score is not None, **items}


def took_part(number: int, person: str, activity: str = "a", jaar: int = 2021) -> dict:
    about = {"jaar": jaar, "organisatie_id": f"org{number}", "persoon_id": person}
    return {**about, "activiteit_id": activity}


def history(**given) -> dict[str, pd.DataFrame]:
    """The tables that the data set is made of; those not given have no rows."""
    return {name: frame(name, *given.get(name, ())) for name in NEEDS}


def small() -> dict[str, pd.DataFrame]:
    """Three organisations: two recognised, one that filled in SISCA without being recognised."""
    return history(
        organisaties=[organisation(1), organisation(2, type="doelgroep"), organisation(3, erkend=False)],
        sisca=[
            indicator(1, "ORG02", 8), indicator(1, "ACT04", 10), indicator(1, "ACT05", 30),
            indicator(1, "ACT06", 40), indicator(1, "ACT07", 20),
            indicator(1, "SCI01", "leerfunctie, cultuurfunctie"), indicator(1, "SCI02", "kritische rol"),
            indicator(1, "ORG07", 999, level="afgeschermd"),
            indicator(3, "ORG02", 2), indicator(3, "ACT04", 5), indicator(3, "SCI02", "nieuwe rol"),
        ],
        deelnames=[took_part(1, "p"), took_part(1, "p", "b"), took_part(1, "q"), took_part(9, "r")],
        vragen=[{"jaar": 2021, "organisatie_id": "org2", "telt_mee": True, "gerealiseerd": True}],
        plannen=[{"jaar": 2021, "plan_id": "plan", "organisatie_id": "org1", "proeflezing": False}],
        codes=[
            {"jaar": 2021, "code_id": "f", "pad": "Functies / Leerfunctie", "codeerbaar": True},
            {"jaar": 2021, "code_id": "w", "pad": "Werking / Duurzaamheid", "codeerbaar": True},
        ],
        fragmenten=[
            {"jaar": 2021, "plan_id": "plan", "code_id": code, "lezer": reader, "hoofdlezing": main}
            for code, reader, main in [*[("f", "A", True)] * 2, ("w", "A", True), ("f", "B", False)]
        ],
        sectorbevraging=[answer(1, 4), answer(2)],
    )  # fmt: skip


@pytest.fixture(scope="module")
def table():
    return research_table(small()).set_index("kbo")


def test_a_row_is_an_organisation_that_was_recognised_or_filled_in_sisca(table):
    assert table.index.tolist() == ["0000000001", "0000000002", "0000000003"]
    assert table["erkend"].tolist() == [1, 1, 0]
    assert table["type"].tolist()[:2] == [2, 3] and pd.isna(table["type"].iloc[2])


def test_an_organisation_without_a_kbo_number_has_no_row_and_two_with_one_have_one():
    twice = [organisation(1), organisation(1, organisatie_id="oud", erkend=False)]
    made = research_table(history(organisaties=[*twice, organisation(2, kbo=None)]))
    assert made["kbo"].tolist() == ["0000000001"]
    assert made["erkend"].tolist() == [1]


def test_roles_and_functions_come_from_what_was_filled_in(table):
    first = table.loc["0000000001"]
    assert first["rol"] == 1
    taken = [first[f"functie_{name}"] for name in ("cultuur", "leer", "gemeenschap", "beweging")]
    assert taken == [1, 1, 0, 0]
    assert first["aandeel_leer_pct"] == pytest.approx(30)


def test_a_role_that_the_codebook_does_not_know_is_other_and_not_missing(table):
    assert table["rol"]["0000000003"] == 99


def test_a_share_of_a_function_needs_all_four(table):
    assert table["activiteiten_cultuur"]["0000000003"] == 5
    assert math.isnan(table["aandeel_cultuur_pct"]["0000000003"])


def test_fragments_are_those_of_the_main_reader(table):
    first = table.loc["0000000001"]
    assert (first["plan_fragmenten"], first["plan_functies"], first["plan_werking"]) == (3, 2, 1)
    assert first["plan_functie_leer"] == 2


def test_a_code_that_the_year_does_not_have_was_not_asked():
    reasons = missing_reasons(research_table(small()))
    assert set(reasons["plan_rollen"]) == {NOT_ASKED}
    assert reasons["plan_functies"].dropna().tolist() == [NOT_APPLICABLE, NOT_APPLICABLE]


def test_participations_and_persons_are_counted_and_nobody_is_zero(table):
    assert table["deelnames"].tolist() == [3, 0, 0]
    assert table["personen"].tolist() == [2, 0, 0]
    assert table["personen_klasse"].tolist() == [1, 0, 0]
    assert table["bereikt_aanbod"].tolist() == [1, 0, 0]
    assert table["bereikt_vraag"].tolist() == [0, 1, 0]


@pytest.mark.parametrize(("count", "code"), [(4, 1), (5, 2), (9, 2), (10, 3), (19, 3), (20, 4)])
def test_classes_begin_where_the_codebook_says(count, code):
    people = [took_part(1, f"p{number}") for number in range(count)]
    made = research_table(history(organisaties=[organisation(1)], deelnames=people))
    assert made["personen_klasse"].tolist() == [code]


def test_a_year_without_a_source_is_missing_and_not_zero():
    years = [organisation(1, 2020), organisation(1, 2021)]
    made = research_table(history(organisaties=years, deelnames=[took_part(1, "p")]))
    assert made["deelnames"].isna().tolist() == [True, False]
    assert missing_reasons(made)["deelnames"].tolist()[0] == NOT_ASKED


def test_why_a_value_is_missing_is_told_apart():
    two = [organisation(1, 2020), organisation(1, 2021), organisation(2, 2021)]
    numbers = [indicator(1, "ORG02", 3), indicator(1, "ACT01", 3, 2020), indicator(2, "ACT01", 3)]
    reasons = missing_reasons(research_table(history(organisaties=two, sisca=numbers)))
    assert reasons["vte"].tolist()[0] == NOT_ASKED and reasons["vte"].tolist()[2] == NOT_FILLED_IN
    assert pd.isna(reasons["vte"].tolist()[1])


def test_what_is_protected_in_any_year_is_in_none():
    years = [organisation(1, 2020), organisation(1, 2021)]
    numbers = [indicator(1, "ORG02", 3, 2020), indicator(1, "ORG02", 3, 2021, "afgeschermd")]
    made = research_table(history(organisaties=years, sisca=numbers))
    assert made["vte"].isna().all()


def test_without_organisations_and_sisca_there_is_nothing_to_make():
    with pytest.raises(MissingTable):
        research_table(history())


def test_a_score_takes_three_of_four_statements():
    rows = [answer(1, 4), answer(2, 4), answer(3, 4)]
    rows[1]["wp1"] = None
    rows[2]["wp1"] = rows[2]["wp2"] = None
    everybody = [organisation(number) for number in (1, 2, 3)]
    made = research_table(history(organisaties=everybody, sectorbevraging=rows))
    assert made["waarde_personen"].tolist()[:2] == [4, 4]
    assert math.isnan(made["waarde_personen"].iloc[2])


def test_groups_with_too_few_answers_are_joined_until_none_can_be_worked_out():
    assert join_small({1: 3, 2: 20, 3: 30}, 10) == {
        1: frozenset({1, 2}),
        2: frozenset({1, 2}),
        3: frozenset({3}),
    }
    assert set(join_small({1: 4, 2: 4, 3: 4}, 10).values()) == {frozenset({1, 2, 3})}
    assert join_small({1: 4, 2: 5}, 10) == {}
    assert join_small({1: 10, 2: 10}, 10)[1] == frozenset({1})


def survey(*groups: tuple[str, int, int]) -> pd.DataFrame:
    """Organisations per type, how many of them answered and with which score."""
    organisations, answers = [], []
    for kind, answered, score in groups:
        for _ in range(answered + 1):
            number = len(organisations) + 1
            organisations.append(organisation(number, type=kind))
            given = sum(o["type"] == kind for o in organisations) <= answered
            answers.append(answer(number, score if given else None))
    return research_table(history(organisaties=organisations, sectorbevraging=answers))


def test_a_row_has_the_mean_of_its_group_and_never_its_own_answer():
    made = survey(("thema", 10, 2), ("doelgroep", 12, 4))
    means = made.groupby("type")["groep_waarde_personen"].unique()
    assert means[2].tolist() == [2] and means[3].tolist() == [4]
    assert made.groupby("type")["groep_antwoorden"].unique()[2].tolist() == [10]
    shared = for_partners(made)
    assert not {"waarde_personen", "waarde_gemeenschappen", "waarde_samenleving"} & set(shared)


def test_with_nine_answers_a_group_is_joined_and_with_too_few_there_is_no_mean():
    joined = survey(("thema", LEAST_ANSWERS - 1, 2), ("doelgroep", 12, 4))
    assert set(joined["groep"]) == {6}
    assert len(set(joined["groep_waarde_personen"])) == 1
    few = survey(("thema", LEAST_ANSWERS - 1, 2))
    assert few["groep_waarde_personen"].isna().all() and few["groep"].isna().all()


def test_confidential_numbers_have_no_quartiles_and_few_of_them_no_mean():
    made = survey(("thema", LEAST_ANSWERS - 1, 2))
    described = value_research.describe_variables(made).set_index("variabele")
    assert math.isnan(described["gemiddelde"]["waarde_personen"])
    enough = value_research.describe_variables(survey(("thema", LEAST_ANSWERS, 2)))
    row = enough.set_index("variabele").loc["waarde_personen"]
    assert row["gemiddelde"] == 2 and math.isnan(row["mediaan"])


# The codebook.


def test_every_variable_is_told_in_both_languages():
    for variable in VARIABLES:
        assert variable.nl and variable.en, variable.name
        assert bool(variable.note_nl) == bool(variable.note_en), variable.name
        assert bool(variable.unit_nl) == bool(variable.unit_en), variable.name
        assert (variable.kind == "code") == bool(variable.codes), variable.name
        assert len({value.code for value in variable.codes}) == len(variable.codes)
        assert all(value.nl and value.en for value in variable.codes), variable.name
        assert variable.part in PARTS and variable.privacy in PRIVACY_EN
        assert set(variable.tables) <= set(catalogue.TABLES)
        assert not {value.code for value in variable.codes} & {value.code for value in MISSING}
    assert all(left.nl and left.en and left.why_nl and left.why_en for left in LEFT_OUT)


def test_names_are_what_spss_and_every_program_take():
    names = [variable.name for variable in VARIABLES]
    assert len(set(names)) == len(names)
    assert all(re.fullmatch(r"[a-z][a-z0-9_]{0,31}", name) for name in names)


def test_the_codebooks_have_the_same_rows_and_each_its_language():
    dutch, english = codebook("nl"), codebook("en")
    assert list(dutch) == list(COLUMNS["nl"]) and list(english) == list(COLUMNS["en"])
    assert dutch["variabele"].tolist() == english["variable"].tolist()
    assert len(dutch) == len(VARIABLES) + len(LEFT_OUT)
    assert set(dutch["in_bestand"]) == {"ja", "nee"} and set(english["in_file"]) == {"yes", "no"}
    same = dutch["label"] == english["label"].to_numpy()
    assert set(dutch.loc[same, "label"]) <= {"Type"}


def test_the_codebook_tells_what_is_too_unreliable():
    found = pd.DataFrame(
        {"variabele": ["plan_rollen", "waarde_personen"], "alfa": [0.5, 0.8], "zwak": [True, False]}
    )
    told = codebook("nl", found).set_index("variabele")["betrouwbaarheid"]
    assert told["plan_rollen"] == "alfa 0,50: zwak, niet interpreteren"
    assert told["waarde_personen"] == "alfa 0,80" and told["groep_waarde_personen"] == ""
    assert codebook("en", found).set_index("variable")["reliability"]["plan_rollen"] == (
        "alpha 0.50: weak, do not interpret"
    )


# The models.


def organisations(n: int, seed: int = 1) -> pd.DataFrame:
    """Organisations with numbers by chance."""
    draw = np.random.default_rng(seed)
    made = pd.DataFrame({name: draw.normal(10, 2, n) for name in BY_NAME if name != "kbo"})
    return made.assign(rol=draw.integers(1, 4, n), type=draw.integers(1, 4, n), jaar=2021)


def test_the_planned_models_know_their_variables_and_ask_no_more_than_the_data_bear():
    names = [term.label for plan in MODELS for term in (plan.outcome, *plan.predictors)]
    assert all(need in BY_NAME for plan in MODELS for t in plan.predictors for need in t.needs)
    assert all(names) and all(plan.why.endswith("?") and plan.tested for plan in MODELS)
    assert len({plan.name for plan in MODELS}) == len(MODELS) <= 6


@pytest.mark.parametrize(("n", "fitted"), [(45, True), (44, False)])
def test_a_model_has_no_more_predictors_than_a_fifteenth_of_its_rows(n, fitted):
    plan = MODELS[0]
    assert len(plan.predictors) == 3 and PER_PREDICTOR == 15
    found = fit_models(organisations(n), [plan])
    assert found["effect"].notna().all() == fitted
    assert found["reden"].str.contains("te weinig organisaties").all() == (not fitted)


def test_rows_with_a_missing_value_do_not_count():
    made = organisations(60)
    made.loc[:9, "vte"] = np.nan
    made.loc[10, "vte"] = 0  # has no logarithm
    assert set(fit_models(made, [MODELS[0]])["n"]) == {49}


def test_only_what_is_tested_has_a_p_value_and_all_tests_are_corrected_together():
    found = fit_models(organisations(200), MODELS)
    assert (found["p"].notna() == found["getoetst"]).all()
    tests = found[found["getoetst"]].sort_values("p")
    expected = (tests["p"] * np.arange(len(tests), 0, -1)).cummax().clip(upper=1)
    assert tests["p_holm"].tolist() == pytest.approx(expected.tolist())
    assert len(tests) == sum(len(plan.tested) for plan in MODELS)


def test_a_year_that_did_not_ask_gives_the_reason_and_no_number():
    made = organisations(100).assign(waarde_personen=np.nan)
    found = fit_models(made, MODELS[:2])
    lost = found[found["model"] == MODELS[0].name]
    assert lost["effect"].isna().all() and lost["reden"].str.startswith("niet gevraagd").all()
    assert found[found["model"] == MODELS[1].name]["effect"].notna().all()


def test_one_organisation_alone_does_not_decide_an_effect():
    made = organisations(100).assign(rol=[1] + [3] * 99)
    plan = ModelPlan("m", Term("vte", "u"), (Term("rol", "r", "is", 1),), (), "?")
    assert fit_models(made, [plan])["reden"].tolist() == ["te weinig organisaties met of zonder: r"]


def test_predictors_that_say_the_same_are_refused():
    made = organisations(100)
    made["leden"] = 2 * made["vte"]
    plan = ModelPlan(
        "m", Term("subsidie_eur", "u"), (Term("vte", "a"), Term("leden", "b")), (), "?"
    )
    assert fit_models(made, [plan])["reden"].str.contains("hetzelfde").all()


def test_effects_are_in_standard_deviations_and_of_yes_for_yes_or_no():
    made = organisations(60).assign(rol=[1, 3] * 30)
    made["leden"] = 3 * made["vte"]
    number = ModelPlan("m", Term("leden", "u"), (Term("vte", "a"),), (), "?")
    assert fit_models(made, [number])["effect"].tolist() == pytest.approx([1])
    made["leden"] = 5.0 * (made["rol"] == 1)
    role = ModelPlan("m", Term("leden", "u"), (Term("rol", "a", "is", 1),), (), "?")
    spread = made["leden"].std()
    assert fit_models(made, [role])["effect"].tolist() == pytest.approx([5 / spread])


def test_robust_errors_are_those_of_the_formula():
    draw = np.random.default_rng(3)
    x = draw.normal(size=30)
    y = 1 + 2 * x + draw.normal(size=30) * (1 + np.abs(x))
    found = robust_regression(pd.Series(y), pd.DataFrame({"x": x}))
    design = np.column_stack([x, np.ones(30)])
    inverse = np.linalg.inv(design.T @ design)
    rest = y - design @ (inverse @ design.T @ y)
    leverage = np.einsum("ij,jk,ik->i", design, inverse, design)
    middle = design.T @ np.diag((rest / (1 - leverage)) ** 2) @ design
    covariance = inverse @ middle @ inverse
    assert found.coefficients["x"].se == pytest.approx(math.sqrt(covariance[0, 0]))
    assert found.df == 28


def test_a_term_is_what_its_label_says():
    made = pd.DataFrame(
        {
            "vte": [8.0, 0.0],
            "personen": [3, 0],
            "rol": pd.array([1, None], "Int64"),
            "leden": [5, 5],
        }
    )
    assert Term("vte", "l", "log2").values(made).tolist()[0] == 3
    assert math.isnan(Term("vte", "l", "log2").values(made).tolist()[1])
    assert Term("personen", "l", "log2_plus_1").values(made).tolist() == [2, 0]
    yes, unknown = Term("rol", "l", "is", 1).values(made).tolist()
    assert yes == 1 and math.isnan(unknown)
    per = Term("personen", "l", "per_100", "leden").values(made)
    assert per.tolist() == pytest.approx([60, 0])


# The example data.


@pytest.fixture(scope="module")
def sources(example):
    return value_research.load_sources(2021, root=example.root)


@pytest.fixture(scope="module")
def whole(sources):
    return research_table(sources)


def test_every_organisation_and_year_has_one_row(whole):
    assert not whole.duplicated(["jaar", "kbo"]).any()
    assert whole.groupby("jaar").size().to_dict() == {2018: 113, 2019: 113, 2020: 113, 2021: 131}


@pytest.mark.parametrize("jaar", [2020, 2021])
def test_sums_are_those_of_the_figures(example, whole, jaar):
    computed, _ = calculate.compute_all(example, jaar)
    values = pd.Series({name: figure.value for name, figure in computed.items()})
    compared = value_research.compare_with_figures(whole[whole["jaar"] == jaar], values)
    assert compared["gelijk"].all() and len(compared) >= 6
    recognised = whole[(whole["jaar"] == jaar) & (whole["erkend"] == 1)]
    assert recognised["deelnames"].sum() == computed["aanbod.deelnemers.erkend"].value
    assert recognised["personen"].sum() >= computed["aanbod.uniek.erkend"].value


def test_a_sum_that_differs_from_its_figure_is_seen(whole):
    rows = whole[whole["jaar"] == 2021]
    compared = value_research.compare_with_figures(
        rows, pd.Series({"aanbod.deelnemers.erkend": rows["deelnames"].sum() + 1})
    )
    assert compared["gelijk"].tolist() == [False]


def test_groups_of_codes_add_up_to_all_fragments(whole):
    rows = whole[whole["jaar"] == 2021]
    groups = ["identiteit", "functies", "rollen", "werking", "zakelijk"]
    added = rows[[f"plan_{group}" for group in groups]].sum(axis=1)
    assert added.tolist() == rows["plan_fragmenten"].tolist()


def test_the_year_2020_has_no_plans_survey_roles_or_functions(whole):
    of_year = whole[whole["jaar"] == 2020]
    for name in ("plan_fragmenten", "waarde_personen", "groep", "rol", "functie_leer"):
        assert of_year[name].isna().all(), name
    assert set(missing_reasons(whole).loc[of_year.index, "rol"]) == {NOT_ASKED}


def test_no_protected_indicator_has_a_variable(sources):
    sisca = sources["sisca"]
    protected = set(sisca.loc[sisca["toegangsniveau"] != "publiek", "indicator"])
    assert protected >= {"ORG03", "ORG07", "ORG08", "ORG09", "VRW02"}
    assert not protected & {variable.of for variable in VARIABLES}


def test_no_protected_number_stands_in_the_files(sources, whole):
    """Numbers that only a protected indicator has, so that finding one means a leak."""
    sisca = sources["sisca"].dropna(subset="waarde")
    secret = sisca["toegangsniveau"] != "publiek"
    amounts = set(sisca.loc[secret & (sisca["waarde"] > 10_000), "waarde"])
    open_ones = set(sisca.loc[~secret, "waarde"])
    shared = set(for_partners(whole).select_dtypes("number").astype("float64").to_numpy().ravel())
    assert len(amounts - open_ones) > 300
    assert not (amounts - open_ones) & shared


def test_nothing_in_the_shared_data_is_about_a_person(whole):
    shared = for_partners(whole)
    assert not {"deelnames", "personen"} & set(shared)
    assert [name for name in shared if BY_NAME[name].kind == "text"] == ["kbo"]
    assert not any("lezer" in name or "persoon" in name or "naam" in name for name in shared)
    assert shared["personen_klasse"].isin([0, 1, 2, 3, 4]).sum() == shared["jaar"].ge(2020).sum()


def test_every_mean_of_a_group_rests_on_enough_answers(whole):
    of_year = whole[whole["jaar"] == 2021]
    for name in ("personen", "gemeenschappen", "samenleving"):
        counted = of_year.groupby("groep")[f"waarde_{name}"].agg(["count", "mean"])
        assert (counted["count"] >= LEAST_ANSWERS).all()
        given = of_year.groupby("groep")[f"groep_waarde_{name}"].first()
        assert given.tolist() == pytest.approx(counted["mean"].tolist())


@pytest.mark.parametrize("jaar", [2020, 2021])
def test_the_models_of_a_year_keep_the_rule_or_say_why_they_are_not_fitted(whole, jaar):
    found = fit_models(whole[whole["jaar"] == jaar])
    fitted = found["effect"].notna()
    assert (found.loc[fitted, "voorspellers"] <= found.loc[fitted, "n"] / PER_PREDICTOR).all()
    assert (found["reden"] != "").eq(~fitted).all()
    assert found.loc[fitted, "model"].nunique() == (len(MODELS) if jaar == 2021 else 1)


def test_reliability_is_there_for_the_plans_and_the_scales(sources):
    found = value_research.reliability(sources).set_index("variabele")
    assert len(found) == 13 + 3
    assert found.loc["plan_functie_beweging", "n"] == 15
    assert (
        found["zwak"] == (found["alfa"] < np.where(found["maat"] == "Cronbach", 0.7, 0.667))
    ).all()


# The files.


@pytest.fixture(scope="module")
def folder(example, tmp_path_factory):
    from shutil import copytree

    from socius_lib.workspace import Workspace

    root = tmp_path_factory.mktemp("waarde") / "ws"
    copytree(example.root, root, symlinks=True)
    ws = Workspace(root)
    listed = write_research(ws, 2021)
    assert all((ws.reports(2021) / file).is_file() and what for file, what in listed)
    write_research(ws, 2020)
    return ws.reports(2021) / value_research.FOLDER


@pytest.fixture(scope="module")
def spss(folder):
    return pyreadstat.read_sav(folder / "waardenonderzoek_2021.sav", user_missing=True)


def test_nothing_else_is_left_in_the_folder(folder):
    assert {path.name for path in folder.iterdir()} == {
        "codebook.csv", "codebook.html", "codeboek.csv", "codeboek.html", "ontbrekend_2021.csv",
        "waardenonderzoek_2021.csv", "waardenonderzoek_2021.parquet", "waardenonderzoek_2021.sav",
    }  # fmt: skip


def test_csv_and_parquet_hold_the_same_values_and_empty_cells(folder, whole):
    shared = for_partners(whole)
    parquet = pd.read_parquet(folder / "waardenonderzoek_2021.parquet")
    pd.testing.assert_frame_equal(parquet, shared)
    text = pd.read_csv(
        folder / "waardenonderzoek_2021.csv", dtype={"kbo": "str"}, encoding="utf-8-sig"
    )
    assert text["kbo"].tolist() == shared["kbo"].tolist()
    numbers = shared.columns.drop("kbo")
    pd.testing.assert_frame_equal(
        text[numbers].astype("float64"), shared[numbers].astype("float64"), check_exact=False
    )
    assert text["subsidie_eur"].isna().sum() == shared["subsidie_eur"].isna().sum() > 0


def test_spss_has_the_labels_of_the_codebook(spss):
    values, about = spss
    assert about.column_names_to_labels == {name: BY_NAME[name].nl for name in values}
    assert about.variable_value_labels["type"] == {
        1: "regionaal", 2: "thema", 3: "doelgroep",
        -7: "niet gevraagd dat jaar", -8: "niet van toepassing", -9: "niet ingevuld",
    }  # fmt: skip
    assert about.variable_measure["type"] == "nominal"
    assert about.variable_measure["personen_klasse"] == "ordinal"
    assert about.variable_measure["vte"] == "scale"
    assert "Verzonnen gegevens" in " ".join(about.notes)


def test_spss_takes_missing_values_as_missing_and_tells_why(spss, folder, whole):
    coded, about = spss
    for name in coded.columns.drop(["kbo", "jaar"]):
        ranges = about.missing_ranges[name]
        assert (
            {limit["lo"] for limit in ranges} == {limit["hi"] for limit in ranges} == {-7, -8, -9}
        )
    plain, _ = pyreadstat.read_sav(folder / "waardenonderzoek_2021.sav")
    shared = for_partners(whole)
    for name in shared.columns.drop("kbo"):
        assert plain[name].isna().tolist() == shared[name].isna().tolist(), name
    reasons = missing_reasons(shared)
    missing = reasons["subsidie_eur"].notna()
    assert (
        coded.loc[missing, "subsidie_eur"].tolist() == reasons.loc[missing, "subsidie_eur"].tolist()
    )


def test_the_list_of_missing_values_has_one_row_for_each(folder, whole):
    listed = pd.read_csv(folder / "ontbrekend_2021.csv", dtype={"kbo": "str"}, encoding="utf-8-sig")
    shared = for_partners(whole)
    assert len(listed) == int(shared.isna().to_numpy().sum())
    assert set(listed["reden"]) <= {value.nl for value in MISSING}
    assert not listed.duplicated(["jaar", "kbo", "variabele"]).any()


def test_the_same_data_give_the_same_files(folder):
    from socius_lib.workspace import Workspace

    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    write_research(Workspace(folder.parents[3]), 2021)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    assert before["waardenonderzoek_2021.sav"][92:109] == b"01 Jan 0000:00:00"  # no clock


def test_the_file_of_a_year_holds_that_year_and_before_and_no_later_one(folder):
    earlier = folder.parents[1] / "2020" / folder.name
    years = pd.read_parquet(earlier / "waardenonderzoek_2020.parquet")["jaar"]
    assert set(years) == {2018, 2019, 2020}


def test_no_name_of_an_organisation_stands_in_any_file(folder, sources):
    names = sources["organisaties"].query("erkend")["naam"]
    names = {name.encode() for name in names if len(name) > 8}
    for path in folder.iterdir():
        content = path.read_bytes()
        assert not [name for name in names if name in content], path.name


def test_the_pages_of_the_codebook_tell_every_variable_in_their_language(folder):
    for file, language, column in (("codeboek", "nl", "nl"), ("codebook", "en", "en")):
        page = html.unescape((folder / f"{file}.html").read_text(encoding="utf-8"))
        assert f'<html lang="{language}">' in page
        for variable in VARIABLES:
            assert variable.name in page and getattr(variable, column) in page
        assert "<script" not in page and "http" not in page


def test_years_without_organisations_or_sisca_write_nothing_and_leave_nothing(folder, tmp_path):
    from socius_lib.process import ensure_processed
    from socius_lib.workspace import Workspace

    ws = Workspace(tmp_path)
    source = folder.parents[3] / "data" / "raw" / "voorbeeld" / "2020" / "streefwaarden.csv"
    raw = ws.raw_year(2020)
    raw.mkdir(parents=True)
    (raw / "streefwaarden.csv").write_bytes(source.read_bytes())
    ensure_processed(ws, 2020)
    old = ws.reports(2020) / value_research.FOLDER / "waardenonderzoek_2020.csv"
    old.parent.mkdir(parents=True)
    old.write_text("oud", encoding="utf-8")
    assert write_research(ws, 2020) == []
    assert not old.exists()


def test_every_figure_that_is_compared_exists(example):
    known, _ = calculate.define(calculate.YearTables(example, 2021))
    names = [name for _, _, name in value_research.table.CHECKS]
    assert all(kengetallen.ALSO.get(name, name) in known for name in names)
