"""The input of the value research: one row per organisation and year, for the university partners.

- `variables`: what each variable is, who may know it, the codebook in Dutch and English;
- `table`: the data set from the workbench's tables, its completeness and descriptives;
- `models`: the models that were planned beforehand, and what they give;
- `files`: CSV, Parquet and SPSS.
"""

from socius_lib.value_research.files import FOLDER, list_missing, write_research
from socius_lib.value_research.models import (
    MODELS,
    PER_PREDICTOR,
    ModelPlan,
    Term,
    fit_models,
    list_plans,
    robust_regression,
)
from socius_lib.value_research.table import (
    compare_with_figures,
    completeness,
    count_values,
    describe_variables,
    for_partners,
    functions_by_role,
    join_small,
    load_sources,
    missing_reasons,
    reliability,
    research_table,
)
from socius_lib.value_research.variables import (
    BY_NAME,
    LEAST_ANSWERS,
    LEFT_OUT,
    MISSING,
    VARIABLES,
    Variable,
    codebook,
)

__all__ = [
    "BY_NAME",
    "FOLDER",
    "LEAST_ANSWERS",
    "LEFT_OUT",
    "MISSING",
    "MODELS",
    "PER_PREDICTOR",
    "VARIABLES",
    "ModelPlan",
    "Term",
    "Variable",
    "codebook",
    "compare_with_figures",
    "completeness",
    "count_values",
    "describe_variables",
    "fit_models",
    "for_partners",
    "functions_by_role",
    "join_small",
    "list_missing",
    "list_plans",
    "load_sources",
    "missing_reasons",
    "reliability",
    "research_table",
    "robust_regression",
    "write_research",
]
