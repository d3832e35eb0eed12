"""Ratings of arrays are held to the scale's own rating of one number, edge for edge."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from thesis.research.rating import Band, RatingScale, shipped_scales
from thesis.scoring.rating_counts import band_numbers, band_shares, band_starts

SINOLINK = shipped_scales()["sinolink_industry"]


def scale_of(*edges):
    lower = [*edges, None]
    bands = tuple(Band(id=f"band{k}", name=f"Band {k}", lower=x) for k, x in enumerate(lower))
    return RatingScale(publisher="Broker", months=(3, 6), source="a page", bands=bands)


def expected_numbers(values, scale):
    """One at a time, by the scale itself."""
    ids = [band.id for band in scale.bands]
    return [-1 if math.isnan(x) else ids.index(scale.earned(x)) for x in values]


def around(point, steps=40):
    """Floats on both sides of a point, each the next of the other."""
    found = [point]
    for direction in (math.inf, -math.inf):
        x = point
        for _ in range(steps):
            x = math.nextafter(x, direction)
            found.append(x)
    return found


@pytest.mark.parametrize("scale", shipped_scales().values(), ids=list(shipped_scales()))
def test_every_float_around_an_edge_and_around_where_it_rounds_is_rated_as_alone(scale):
    points = [edge + k * 5e-11 for edge in scale.edges for k in range(-4, 5)]
    values = [x for point in points for x in around(point)]

    assert expected_numbers(values, scale) == band_numbers(values, scale).tolist()


def test_an_edge_belongs_to_the_band_further_from_zero():
    values = [0.15, 1.15 - 1, 0.05, 1.05 - 1, -0.05, 0.95 - 1, 0.0, -0.0, np.inf, -np.inf, np.nan]

    assert [0, 0, 1, 1, 3, 3, 2, 2, 0, 3, -1] == band_numbers(values, SINOLINK).tolist()


@given(
    edges=st.lists(st.integers(-9990, 9990), min_size=1, max_size=6, unique=True),
    parts=st.lists(
        st.tuples(
            st.integers(0, 5),
            st.sampled_from([0.0, 5e-11, -5e-11, 1e-10, -1e-10, 4.9e-11, 5.1e-11]),
            st.integers(-3, 3),
        ),
        max_size=20,
    ),
    values=st.lists(st.floats(-3, 3) | st.just(math.nan) | st.just(math.inf), max_size=20),
)
def test_any_scale_rates_an_array_as_it_rates_its_numbers(edges, parts, values):
    scale = scale_of(*sorted((edge / 10_000 for edge in edges), reverse=True))
    near = [around(scale.edges[k % len(edges)] + gap, 3)[step] for k, gap, step in parts]

    assert expected_numbers(near + values, scale) == band_numbers(near + values, scale).tolist()


@given(edge=st.floats(-0.999, 0.999), gap=st.floats(-3e-10, 3e-10))
def test_an_edge_with_more_decimals_than_are_compared_is_still_rated_alike(edge, gap):
    scale = scale_of(edge)
    values = [edge + gap, *around(band_starts(scale)[0], 2)]

    assert expected_numbers(values, scale) == band_numbers(values, scale).tolist()


def test_shares_are_counts_over_what_is_known_along_the_first_axis():
    excess = np.array(
        [[0.20, 0.00, np.nan], [0.10, np.nan, np.nan], [-0.05, 0.01, np.nan], [0.15, -0.90, np.nan]]
    )

    shares = band_shares(excess, SINOLINK)

    assert (4, 3) == shares.shape
    assert [0.5, 0.25, 0.0, 0.25] == shares[:, 0].tolist()
    assert [0.0, 0.0, 2 / 3, 1 / 3] == shares[:, 1].tolist()
    assert np.isnan(shares[:, 2]).all()
    assert np.isnan(band_shares(np.array([]), SINOLINK)).all()
