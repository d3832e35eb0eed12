import subprocess
import sys
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def script(name):
    """A script of ``.ci``, loaded without being run."""
    loader = SourceFileLoader(name, str(ROOT / ".ci" / name))
    module = module_from_spec(spec_from_loader(name, loader))
    loader.exec_module(module)
    return module


def test_the_outputs_in_the_readme_are_what_the_commands_print(market, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["readme_output", str(market), "--check"])
    code = script("readme_output").main()

    assert (0, "") == (code, capsys.readouterr().out)


def test_the_first_screen_of_the_readme_has_its_two_commands():
    commands = [
        subprocess.run(
            [sys.executable, ROOT / ".ci" / "readme_command", str(number)],
            capture_output=True,
            text=True,
        ).stdout.strip()
        for number in (1, 2)
    ]

    setup_and_run, setup_and_test = commands
    assert "pip install . && thesis backtest media_ai" == setup_and_run
    assert "pip install '.[test]' && pytest" == setup_and_test
