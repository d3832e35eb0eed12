"""Run the command line as ``python -m thesis.cli``."""

from thesis.cli import main

if __name__ == "__main__":
    main()
