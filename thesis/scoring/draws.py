"""Streams of random numbers: one seed, and to each part of the evidence a stream of its own."""

import zlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

#: The seed where none is given. Any would do; it stands in the provenance of every result.
SEED = 20241013

#: Draws of a bootstrap or placebo: the Monte-Carlo error of a probability is half a point at most.
DRAWS = 10_000
#: Draws of a quick look: the error is within 1.6 points.
QUICK_DRAWS = 1_000


def stream(seed: int, part: str) -> "np.random.Generator":
    """The random numbers of a named part.

    A part's numbers hang on the seed and its name alone, so that a part added, left out or asked
    for more draws changes no other.

    Parameters
    ----------
    part
        Its name, such as ``"placebo.market"``.

    Examples
    --------
    >>> float(stream(1, "chance.paper").random()) == float(stream(1, "chance.paper").random())
    True
    >>> float(stream(1, "chance.paper").random()) == float(stream(1, "chance.sector").random())
    False
    """
    import numpy as np  # the command line reads the constants above, and should start at once

    return np.random.default_rng([seed, zlib.crc32(part.encode())])
