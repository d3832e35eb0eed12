"""The house: a light import, public names, examples that run, rooms in order."""

import doctest
import importlib
import pkgutil
import re
import subprocess
import sys
from pathlib import Path

import pytest

import thesis

MODULES = sorted(
    module.name for module in pkgutil.walk_packages(thesis.__path__, "thesis.") if not module.ispkg
)


def test_import_thesis_loads_none_of_the_heavy_libraries():
    code = (
        "import thesis, sys\n"
        "heavy = {'pandas', 'numpy', 'vectorbt', 'plotly', 'akshare'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert "[]\n" == ran.stdout


def test_every_public_name_is_found_and_listed():
    for name in thesis.__all__:
        assert getattr(thesis, name) is not None
    assert sorted(thesis.__all__) == sorted(dir(thesis))


def test_an_unknown_public_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="module 'thesis' has no attribute 'optimise'"):
        _ = thesis.optimise


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_of_a_module_run(name):
    module = importlib.import_module(name)

    failed, _ = doctest.testmod(module, optionflags=doctest.NORMALIZE_WHITESPACE)

    assert 0 == failed


@pytest.mark.parametrize("name", MODULES)
def test_a_module_stays_short(name):
    path = importlib.import_module(name).__file__

    assert len(Path(path).read_text(encoding="utf-8").splitlines()) <= 350


def test_only_the_command_line_prints():
    printing = [
        name
        for name in MODULES
        if not name.startswith("thesis.cli")
        and re.search(
            r"^\s*print\(", Path(importlib.import_module(name).__file__).read_text("utf-8"), re.M
        )
    ]

    assert [] == printing


def test_every_package_is_named_for_the_wheel():
    import tomllib

    root = Path(__file__).parents[2]
    named = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["tool"]["setuptools"]
    there = {
        ".".join(path.parent.relative_to(root).parts) for path in root.glob("thesis/**/__init__.py")
    }

    assert there | {"thesis.strategies"} == set(named["packages"])
