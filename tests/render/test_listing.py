from ecsplan.render.listing import list_csv, list_document, list_rows, list_table
from tests.render.plans import address, live

ROWS = list_rows(
    (
        (address("instance.web[1]"), live("instance.web[1]", "i-1", zone="cn-hangzhou-h", private_ip="10.0.1.7")),
        (address("eip.a"), live("eip.a", "eip-1", ip_address="47.98.1.2")),
    ),
    "cn-hangzhou",
)


def test_resources_as_a_table() -> None:
    assert list_table(ROWS, "web-prod", "cn-hangzhou") == (
        "ADDRESS          ID     NAME          STATUS     ZONE           IP\n"
        "eip.a            eip-1  web-prod-a    Available                 47.98.1.2\n"
        "instance.web[1]  i-1    web-prod-web  Available  cn-hangzhou-h  10.0.1.7\n"
        "\n2 resources.\n"
    )


def test_several_regions_are_told_apart() -> None:
    table = list_table((*ROWS, *list_rows([(address("eip.b"), live("eip.b", "eip-2"))], "cn-beijing")), "web-prod", "x")

    assert "REGION" in table
    assert "cn-beijing" in table


def test_nothing_is_said() -> None:
    assert list_table((), "web-prod", "cn-hangzhou") == "web-prod owns nothing in cn-hangzhou.\n"


def test_resources_as_csv_and_data() -> None:
    assert list_csv(ROWS).splitlines()[1] == "eip.a,eip-1,web-prod-a,Available,,47.98.1.2,cn-hangzhou"
    assert list_document("web-prod", ROWS)["resources"][0] == {
        "address": "eip.a",
        "kind": "eip",
        "id": "eip-1",
        "name": "web-prod-a",
        "status": "Available",
        "stopped_mode": None,
        "zone": None,
        "ip": "47.98.1.2",
        "region": "cn-hangzhou",
    }
