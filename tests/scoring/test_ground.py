import datetime as dt

import pytest

from thesis.research.thesis import Thesis


@pytest.mark.parametrize(
    ("first", "second", "shown"),
    [
        ("named", "hand_picked", "hand_picked"),
        ("hand_picked", "named", "hand_picked"),
        ("named", "mentioned", "mentioned"),
        ("inferred", "mentioned", "inferred"),
    ],
)
def test_a_name_on_two_grounds_is_shown_on_the_weaker(first, second, shown):
    picks = [
        {"code": "600001.SH", "basis": basis, "reason": "a reason", "rule": "a rule"}
        for basis in (first, second)
    ]
    thesis = Thesis.model_validate(
        {
            "id": "two",
            "title": "Two grounds",
            "source": {"publisher": "Broker", "published": dt.date(2024, 10, 13)},
            "claim": {"rating": "buy", "scale": "sinolink_industry"},
            "segment": [{"id": "one", "pick": [picks[0]]}, {"id": "other", "pick": [picks[1]]}],
        }
    )

    assert shown == thesis.ground("600001.SH")
