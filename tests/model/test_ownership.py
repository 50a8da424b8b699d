"""How many tags of a live object the record may take."""

import pytest

from ecsplan.model.ownership import room_for_record


@pytest.mark.parametrize(("others", "room"), [(0, 3), (13, 3), (14, 2), (16, 1), (20, 1)])
def test_the_record_takes_a_third_tag_where_there_is_room(others, room):
    assert room_for_record({f"t{number}": "" for number in range(others)} | {"ecsplan:box": "lab/box.a"}) == room
