"""Reads the reference cases: statistics with known answers, each with its sources in its README."""

import json
import math
import os
from collections.abc import Mapping, Set
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

COMMITTED = Path(__file__).parent / "references"
REAL_FILES = os.environ.get("SOCIUS_REAL_FILES", "")
ELSEWHERE = Path(REAL_FILES).parent / "referenties" / "alleen_hier"

needs_real_files = pytest.mark.skipif(
    not REAL_FILES,
    reason="SOCIUS_REAL_FILES does not say where the cases are that may not be committed",
)

Numbers = Mapping[str, float]


@dataclass(frozen=True)
class Case:
    """One reference case: its input, what must come out, and what common mistakes give."""

    folder: Path
    checks: dict[str, dict[str, Any]]
    traps: dict[str, float]

    def read(self, name: str = "input.csv", **options: Any) -> pd.DataFrame:
        return pd.read_csv(self.folder / name, **options)

    def expected(self, name: str) -> float:
        check = self.checks[name]
        return check["r"] if "r" in check else check["published"]


def load(folder: Path) -> Case:
    content = json.loads((folder / "expected.json").read_text(encoding="utf-8"))
    checks = {check["name"]: check for check in content["checks"]}
    assert len(checks) == len(content["checks"])
    traps = {trap["name"]: trap["value"] for trap in content.get("traps", [])}
    return Case(folder, checks, traps)


def agrees(ours: float, check: Mapping[str, Any]) -> bool:
    """Tell whether a number is within every tolerance that its check states.

    The reference software's number: relative 1e-6, or the check's own `rtol`. The published one: half
    a unit in the last printed decimal, or the check's own `abs_tol`.
    """
    relative = check.get("rtol", 1e-6)
    if "r" in check and not math.isclose(ours, check["r"], rel_tol=relative, abs_tol=1e-12):
        return False
    if "published" not in check:
        return True
    half_unit = 0.5 * 10.0 ** -check["decimals"] * (1 + 1e-9)
    return abs(ours - check["published"]) <= check.get("abs_tol", half_unit)


def differences(case: Case, ours: Numbers, apart: Set[str] = frozenset()) -> list[str]:
    """Return a line for every check that our numbers do not meet; those apart have their own test."""
    assert set(ours) | apart == set(case.checks)
    return [
        f"{name}: {ours[name]!r} is not {check.get('r')!r} / {check.get('published')!r}"
        for name, check in case.checks.items()
        if name not in apart and not agrees(ours[name], check)
    ]


def trapped(case: Case, ours: Numbers) -> list[str]:
    """Return a line for every trap that our number for the same quantity comes within 1 in 1,000 of.

    `ours` has, under the name of each trap, what the library gives for what the trap is about.
    """
    numbers = {name: value for name, value in case.traps.items() if value is not None}
    assert set(ours) == set(numbers)
    return [
        f"{name}: {ours[name]!r} is the trap {value!r}"
        for name, value in numbers.items()
        if math.isclose(ours[name], value, rel_tol=1e-3, abs_tol=1e-6)
    ]
