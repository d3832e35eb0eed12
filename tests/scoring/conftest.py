"""The second way of computing, loaded from the file beside the tests."""

import importlib.util
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def oracle():
    """The module ``oracle.py``: DESIGN in plain loops, nothing of the package in it."""
    spec = importlib.util.spec_from_file_location(
        "scoring_oracle", Path(__file__).with_name("oracle.py")
    )
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
