import json
from importlib import resources
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lifecycle.carriers import hosts, link_for
from lifecycle.links import is_public
from lifecycle.orders import Tracking

ROWS = json.loads(resources.files("lifecycle").joinpath("carriers.json").read_text(encoding="utf-8"))["carriers"]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["carrier"])
def test_every_carrier_leads_to_its_own_host(row):
    country = row.get("only", ["NL"])[0]

    for name in row["names"]:
        link = link_for(Tracking("ab-12 34", name), country, "1234 ab")

        assert link.url is not None
        assert is_public(link.url)
        assert urlsplit(link.url).hostname in row["hosts"]
        assert "AB1234" in link.url
        assert link.carrier.casefold() == name.casefold()


def test_only_trusted_pages_are_in_the_table():
    assert len(ROWS) == 49
    assert {row["confidence"] for row in ROWS} == {"high", "medium"}
    assert hosts() == {host for row in ROWS for host in row["hosts"]}


def test_address_of_the_platform_comes_first():
    link = link_for(Tracking("1", "UPS", "https://follow.example/1"), "US", "")

    assert link.url == "https://follow.example/1"


@pytest.mark.parametrize(
    "url", ["http://follow.example/1", "javascript:alert(1)", "https://a@follow.example/", "https://10.0.0.1/"]
)
def test_odd_address_of_the_platform_is_not_used(url):
    assert link_for(Tracking("1Z999", "UPS", url), "US", "").url == "https://www.ups.com/track?tracknum=1Z999"
    assert link_for(Tracking("1Z999", "Nobody", url), "US", "").url is None


@pytest.mark.parametrize("number", ["", "1", "1Z/../x", "1Z?a=b", "1" * 41, "１２３４", "<b>1234"])
def test_odd_number_makes_no_link(number):
    assert link_for(Tracking(number, "UPS"), "US", "").url is None


@pytest.mark.parametrize(
    ("name", "country"),
    [("", "US"), ("Nobody", "US"), ("DHL", "AT"), ("GLS", "US"), ("Hermes", "GB"), ("China Post", "CN")],
)
def test_carrier_is_never_guessed(name, country):
    link = link_for(Tracking("12345678", name), country, "")

    assert link.url is None
    assert link.carrier == name


def test_name_is_read_in_its_country_and_in_any_spelling():
    assert link_for(Tracking("1234", "dhl"), "de", "").url.startswith("https://www.dhl.de/")
    assert link_for(Tracking("1234", "D.H.L. Express"), "US", "").url.startswith("https://www.dhl.com/")


def test_page_that_needs_the_postcode_is_shortened_or_left_out():
    assert link_for(Tracking("3S12", "PostNL"), "NL", "1234 ab").url.endswith("/3S12-NL-1234AB")
    assert link_for(Tracking("3S12", "PostNL"), "NL", "").url.endswith("/3S12")
    assert link_for(Tracking("12345678", "Mondial Relay"), "FR", "<x>").url is None


@given(st.text(), st.text(), st.text(), st.text())
def test_any_parcel_gets_a_public_link_or_none(number, carrier, country, postcode):
    link = link_for(Tracking(number, carrier), country, postcode)

    assert link.url is None or is_public(link.url)


def test_a_carrier_is_shown_as_it_writes_itself():
    assert link_for(Tracking("9400110000000000000000", "usps"), "US", "").carrier == "USPS"
    assert link_for(Tracking("1", "Local Courier"), "US", "").carrier == "Local Courier"
