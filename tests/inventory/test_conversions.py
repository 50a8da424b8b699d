"""What a create has made whose answer does not name it is found in the list of its kind."""

from ecsplan.inventory.conversions import search
from ecsplan.model.call import Find
from tests.builders import BOX
from tests.inventory.test_read import Lists

BOXES = {"Boxes": {"Box": [{"BoxId": "bx-1", "Lid": "red"}, {"BoxId": "bx-2", "Lid": "blue"}, {"BoxId": "bx-3"}]}}


def test_only_what_has_the_fields_is_found_and_the_list_is_narrowed():
    lists = Lists({"ListBoxes": BOXES})
    assert [obj.id for obj in search(lists, BOX, Find({"Shelf": "sh-1"}, (("Lid", "blue"),)))] == ["bx-2"]
    ((_, params),) = lists.asked
    assert params["Shelf"] == "sh-1"
