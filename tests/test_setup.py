"""The files that set the project up agree with each other."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
DIRECT = [*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["dev"]]


def locked() -> dict[str, str]:
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    return dict(re.findall(r"^([\w.-]+)==([^\s;\\]+)", text, re.MULTILINE))


def plain(requirement: str) -> tuple[str, str]:
    """The name without extras, and the version."""
    name, _, version = requirement.partition("==")
    return name.partition("[")[0], version


@pytest.mark.parametrize("requirement", DIRECT)
def test_every_package_has_one_version_which_the_lock_has_too(requirement):
    name, version = plain(requirement)
    assert version, f"{name} has no version"
    assert locked().get(name) == version


def test_the_conda_environment_asks_for_the_same_packages():
    text = (ROOT / "environment.yml").read_text(encoding="utf-8")
    assert re.findall(r"^      - ([\w\[\].-]+==\S+)$", text, re.MULTILINE) == DIRECT
    assert "- python=3.11\n" in text
    assert PROJECT["requires-python"].startswith(">=3.11")


def test_every_locked_package_has_its_hash():
    entries = re.split(
        r"\n(?=\S)", (ROOT / "requirements.lock").read_text(encoding="utf-8").strip()
    )
    assert len(entries) > len(DIRECT)
    assert [entry for entry in entries if "--hash=sha256:" not in entry] == []


def test_the_readme_says_why_each_package_is_there():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`([\w.-]+)`", readme))
    assert [requirement for requirement in DIRECT if plain(requirement)[0] not in named] == []


def test_the_office_s_own_data_cannot_be_committed():
    ignored = (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()
    for rule in (
        "/data/raw/*",
        "!/data/raw/voorbeeld/",
        "/data/processed/",
        "/reports/",
        "/analyses/",
    ):
        assert rule in ignored
