"""The command line. Only this package prints.

Answers go to stdout, everything else to stderr. Heavy rooms are imported by the commands that need
them, so that ``thesis list`` starts at once.
"""

import sys
from typing import Annotated

import typer

from thesis.cli import data, doctor, inventory, luck, report, review, theses, trials
from thesis.errors import ThesisError, UsageError

app = typer.Typer(
    name="thesis",
    help="What was a sell-side sector call worth?",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def main() -> None:
    """Run the command line; errors become sentences and exit codes."""
    _utf8_out()
    try:
        app()
    except ThesisError as error:
        for line in str(error).splitlines():
            print(f"thesis: {line}", file=sys.stderr)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        if "fetch" in sys.argv[1:2]:
            print(
                "thesis: stopped; what came is stored, and the same command goes on",
                file=sys.stderr,
            )
        sys.exit(130)
    except BrokenPipeError:  # `thesis show media_ai | head` closed its end
        sys.stderr.close()
        sys.exit(0)
    except OSError as error:  # a folder that may not be read, a disk that is full
        place = f"{error.filename}: " if error.filename else ""
        print(f"thesis: {place}{error.strerror or error}", file=sys.stderr)
        sys.exit(UsageError.exit_code)


@app.callback(invoke_without_command=True)
def _root(
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    if version:
        import thesis

        print(thesis.__version__)
        raise typer.Exit


def _utf8_out() -> None:
    """Chinese names print on any console: characters it lacks are replaced, not fatal."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")


app.command("list")(theses.list_theses)
app.command()(theses.show)
app.command()(theses.check)
app.command()(theses.new)
app.command()(trials.backtest)
app.command()(trials.compare)
app.command()(luck.evidence)
app.command()(luck.surface)
app.command()(report.report)
app.command()(review.review)
app.command()(data.fetch)
app.command("import")(data.import_bars)
app.command()(doctor.doctor)
app.add_typer(inventory.data_app, name="data")
