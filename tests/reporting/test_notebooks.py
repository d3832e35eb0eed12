"""The notebooks: they run on the sample, use the public names alone, and show real prices."""

import ast
import json
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path

import nbformat
import pytest

import thesis

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


def script():
    loader = SourceFileLoader("notebooks", str(ROOT / ".ci" / "notebooks"))
    module = module_from_spec(spec_from_loader("notebooks", loader))
    loader.exec_module(module)
    return module


def source(path):
    cells = nbformat.read(path, as_version=4).cells
    return "\n".join(cell.source for cell in cells if cell.cell_type == "code")


def test_there_are_the_three_that_the_readme_names():
    assert ["01_media_ai", "02_scoreboard", "03_your_own_thesis"] == [p.stem for p in NOTEBOOKS]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs_on_the_sample_and_shouts_that_it_is_simulated(path):
    ran = script().run(path, None)

    shown = [o for cell in ran.cells for o in cell.get("outputs", ())]
    assert [] == [o for o in shown if o.output_type == "error"]
    told = [json.dumps(o["data"]) for o in shown if "data" in o]
    pictures = [each for each in told if "image/svg+xml" in each or "thesis-view" in each]
    assert len(pictures) > 1
    assert all("SIMULATED" in each for each in pictures)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_uses_the_public_names_alone(path):
    tree = ast.parse(source(path))
    modules = [
        name
        for node in ast.walk(tree)
        for name in (
            [each.name for each in node.names]
            if isinstance(node, ast.Import)
            else [node.module]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    ]
    used = {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == "thesis"
    }

    assert not [name for name in modules if name.startswith("thesis.")]
    assert used <= {*thesis.__all__, "codes"}  # in 03 a strategy is given a thesis of that name


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_what_is_stored_is_of_real_prices_whole_and_small(path):
    notebook = nbformat.read(path, as_version=4)
    text = path.read_text("utf-8")

    for cell in notebook.cells:
        if cell.cell_type == "code":
            assert cell.execution_count, cell.source
    assert "SIMULATED PRICES" not in json.dumps(
        [o.get("data", {}) for cell in notebook.cells for o in cell.get("outputs", ())]
    )
    assert "vnd.plotly" not in text
    assert "image/svg+xml" in text
    assert len(text) < 1_500_000
