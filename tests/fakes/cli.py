"""Run the command line in a process of its own, against fakes that live in another.

``python tests/fakes/cli.py http://127.0.0.1:PORT fetch media_ai``
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from fakes.hosts import turned_round

if __name__ == "__main__":
    url = sys.argv.pop(1)
    sys.argv[0] = "thesis"
    from thesis.cli import main
    from thesis.market.sources import wire

    wire.PACE = 0.0  # nobody to be polite to

    with turned_round(url):
        main()
