import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_the_outputs_in_the_readme_are_what_the_commands_print(market):
    ran = subprocess.run(
        [sys.executable, ROOT / ".ci" / "readme_output", market, "--check"],
        capture_output=True,
        text=True,
    )

    assert (0, "") == (ran.returncode, ran.stdout + ran.stderr)


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
