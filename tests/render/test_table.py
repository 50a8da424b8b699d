from ecsplan.render.table import csv_text, table


def test_columns_are_as_wide_as_they_need_and_empty_ones_are_left_out() -> None:
    assert (
        table(("id", "ip", "managed_by"), [("i-1", "", "a"), ("i-234", "", "")]) == "ID     MANAGED BY\ni-1    a\ni-234"
    )


def test_wide_characters_take_two_cells() -> None:
    assert table(("name", "id"), [("业务", "i-1"), ("web", "i-2")]) == "NAME  ID\n业务  i-1\nweb   i-2"


def test_a_name_cannot_draw_on_the_terminal() -> None:
    assert "\\u001b" in table(("name",), [("\x1b[2J",)])


def test_csv_keeps_every_column_and_quotes() -> None:
    assert csv_text(("id", "name"), [("i-1", 'a "b", c')]) == 'id,name\ni-1,"a ""b"", c"\n'
