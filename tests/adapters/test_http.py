"""The one outbound client: whom it calls, how long it waits, what it keeps, and what its errors say."""

import gzip
import ipaddress
import logging
import socket
import ssl
import time
import traceback
import tracemalloc
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import example, given, settings
from hypothesis import strategies as st

from adapters.addresses import is_public
from adapters.http import LARGEST, Outbound, gate_for
from adapters.wires import Gate, dial, resolve
from lifecycle.errors import NoAnswer
from tests.fakes.peer import Peer, reply

SECRET = "mm_live_never_to_be_seen"
PUBLIC, OTHER_PUBLIC, NEIGHBOUR = "8.8.8.8", "2606:4700:4700::1111", "10.1.2.3"


def found(address, port=443):
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    return (family, (address, port, 0, 0) if ":" in address else (address, port))


class Recorder:
    """A network that knows the names it is given, dials nobody, and remembers whom it should have dialled."""

    def __init__(self, *answers):
        self.answers, self.asked, self.dialled = list(answers), [], []

    def look_up(self, host, port):
        self.asked.append(host)
        try:
            # What the real resolver makes of odd notations, without asking any name server.
            rows = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
            return [(row[0], row[4]) for row in rows]
        except (OSError, ValueError):
            answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
            return [found(address, port) for address in answer]

    def connect(self, where, timeout):
        self.dialled.append(where[1])
        raise ConnectionRefusedError

    def outbound(self, base=""):
        gate = gate_for(base)
        gate.look_up, gate.connect = self.look_up, self.connect
        return Outbound(gate=gate)


def refusal(outbound, url, **more):
    with pytest.raises(NoAnswer) as caught:
        outbound.call("GET", url, **more)
    return caught.value


# ---- whom it calls ---------------------------------------------------------------------------------------------------


def is_somebody_near(text):
    """Written apart from the code under test: by properties, and by the IPv4 addresses that an IPv6 address can carry."""
    address = ipaddress.ip_address(text)
    if address.version == 6:
        inner = [address.ipv4_mapped, address.sixtofour, *(address.teredo or ())]
        high = int(address) >> 32
        if high in (0, 0x64FF9B << 64, 0xFFFF):
            inner.append(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
        if any(carried is not None for carried in inner):
            return True
    said = address.is_private or address.is_loopback or address.is_link_local or address.is_multicast
    return said or address.is_reserved or address.is_unspecified or not address.is_global


addresses = st.one_of(
    st.ip_addresses(v=4).map(str),
    st.ip_addresses(v=6).map(str),
    st.sampled_from(
        ["127.0.0.1", "169.254.169.254", "10.0.0.1", "fdaa::3", "::1", "64:ff9b::7f00:1", PUBLIC, OTHER_PUBLIC]
    ),
)
hosts = st.one_of(
    addresses.map(lambda text: f"[{text}]" if ":" in text else text),
    st.integers(0, 2**32).map(str),
    st.integers(0, 2**32).map(hex),
    st.sampled_from(["localhost", "127.1", "0177.0.0.1", "①②⑦.0.0.1", "shop.example.com", "127.0.0.1.nip.io", "a" * 70]),
    st.text(max_size=20),
)
urls = st.builds(
    "{}{}{}{}{}".format,
    st.sampled_from(["https://", "http://", "HTTPS://", "gopher://", "ftp://", "unix:", "//", "https:", ""]),
    st.sampled_from(["", "shop.example.com@", "u:p@", "shop.example.com#@", "\\@", "127.0.0.1%2f@"]),
    hosts,
    st.sampled_from(["", ":443", ":80", ":8000", ":22", ":-1", ":99999", ":x"]),
    st.sampled_from(["/", "", "/a?b=c", "\\@shop.example.com/", "\r\nHost: evil.test", "#@127.0.0.1/"]),
)


@settings(max_examples=400, deadline=None)
@given(url=st.one_of(urls, st.text(max_size=60)), names=st.lists(addresses, min_size=1, max_size=3))
@example(url="https://127.0.0.1/", names=[PUBLIC])
@example(url="https://shop.example.com/", names=[PUBLIC, "127.0.0.1"])
def test_no_url_ever_leads_to_a_neighbour_or_to_another_port(url, names):
    network = Recorder(names)

    fault = refusal(network.outbound(), url)

    assert not fault.perhaps_heard
    assert all(not is_somebody_near(place[0]) and place[1] == 443 for place in network.dialled)


NEAR = [
    *(
        "0.0.0.0",
        "10.9.8.7",
        "100.64.0.1",
        "127.0.0.1",
        "127.255.255.254",
        "169.254.169.254",
        "172.16.0.1",
        "172.31.255.255",
    ),
    *(
        "192.0.0.8",
        "192.0.2.1",
        "192.88.99.1",
        "192.168.0.1",
        "198.18.0.1",
        "198.19.255.255",
        "198.51.100.1",
        "203.0.113.1",
    ),
    *("224.0.0.1", "239.1.1.1", "240.0.0.1", "255.255.255.255"),
    *(
        "::",
        "::1",
        "::127.0.0.1",
        "::ffff:127.0.0.1",
        "::ffff:8.8.8.8",
        "64:ff9b::7f00:1",
        "64:ff9b:1::1",
        "100::1",
        "2001::1",
    ),
    *("2001:db8::1", "2002:7f00:1::", "3fff::1", "5f00::1", "fc00::1", "fdaa::3", "fe80::1", "fec0::1", "ff02::1"),
]


@pytest.mark.parametrize("address", NEAR)
def test_special_address_is_not_public(address):
    assert not is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    "address", [PUBLIC, OTHER_PUBLIC, "1.1.1.1", "100.63.255.255", "172.32.0.1", "2a00:1450:4001::200e"]
)
def test_ordinary_address_is_public(address):
    assert is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://shop.example.com/", "not_https"),
        ("http://127.0.0.1:8999/", "not_https"),
        ("https://127.0.0.1/", "address_refused"),
        ("https://127.1/", "address_refused"),
        ("https://0x7f000001/", "address_refused"),
        ("https://0177.0.0.1/", "address_refused"),
        ("https://0/", "address_refused"),
        ("https://[::ffff:127.0.0.1]/", "address_refused"),
        ("https://[::127.0.0.1]/", "address_refused"),
        ("https://[64:ff9b::7f00:1]/", "address_refused"),
        ("https://[2002:7f00:1::]/", "address_refused"),
        ("https://shop.example.com:6379/", "port_refused"),
        ("https://shop.example.com@127.0.0.1/", "url_refused"),
        ("https://127.0.0.1\\@shop.example.com/", "url_refused"),
        ("https://shop.example.com\r\nHost: evil.test", "url_refused"),
        ("gopher://127.0.0.1/_x", "url_refused"),
        ("ftp://shop.example.com/", "url_refused"),
        ("unix:/run/x.sock", "url_refused"),
        ("https://[::1/", "url_refused"),
        ("https://shop.example.com:x/", "url_refused"),
        ("", "url_refused"),
    ],
)
def test_url_is_refused_with_its_reason_before_anybody_is_dialled(url, reason):
    network = Recorder([PUBLIC])

    fault = refusal(network.outbound(), url)

    assert (fault.reason, fault.perhaps_heard, network.dialled) == (reason, False, [])


def test_name_that_changes_its_address_after_the_look_is_still_called_at_the_first():
    network = Recorder([PUBLIC], ["127.0.0.1"])

    refusal(network.outbound(), "https://rebinding.example/")

    assert network.asked == ["rebinding.example"]
    assert network.dialled == [(PUBLIC, 443)]


def test_one_neighbour_among_public_addresses_spoils_the_whole_answer():
    network = Recorder([PUBLIC, NEIGHBOUR])

    fault = refusal(network.outbound(), "https://mixed.example/")

    assert (fault.reason, network.dialled) == ("address_refused", [])


def test_only_the_configured_loopback_place_may_be_called_over_http():
    network = Recorder(["127.0.0.1"])
    outbound = network.outbound("http://localhost:8999")

    reasons = [
        refusal(outbound, url).reason for url in ("http://localhost:8999/", "http://localhost:8998/", "https://localhost/")
    ]

    assert reasons == ["not_reached", "not_https", "address_refused"]
    assert network.dialled == [("127.0.0.1", 8999)]


def test_configured_loopback_name_that_resolves_elsewhere_is_refused():
    network = Recorder([NEIGHBOUR])

    assert refusal(network.outbound("http://localhost:8999"), "http://localhost:8999/").reason == "address_refused"
    assert network.dialled == []


def test_configured_public_base_may_have_its_own_port_but_no_private_address():
    network = Recorder([PUBLIC], [NEIGHBOUR])
    outbound = network.outbound("https://api.shop.example:8443")

    reasons = [refusal(outbound, "https://api.shop.example:8443/").reason for _ in range(2)]

    assert reasons == ["not_reached", "address_refused"]
    assert network.dialled == [(PUBLIC, 8443)]


def test_unknown_name_is_surely_not_heard():
    def nobody(*_):
        raise socket.gaierror(-2, "unknown")

    fault = refusal(Outbound(gate=Gate(look_up=nobody)), "https://nobody.example/")

    assert (fault.reason, fault.perhaps_heard) == ("name_unknown", False)


def test_real_resolver_and_dial_know_loopback():
    with Peer(lambda _: None) as peer, dial(resolve("localhost", peer.port)[-1], 5) as line:
        assert line.getpeername()[1] == peer.port


# ---- what comes back -------------------------------------------------------------------------------------------------


@pytest.fixture
def say():
    """A client and a peer that answers every request with these bytes (or by this function)."""
    opened = []

    def start(answer, **times):
        peer = Peer(answer if callable(answer) else lambda line: line.sendall(answer)).__enter__()
        outbound = Outbound(peer.url, **times)
        opened.append((outbound, peer))
        return outbound, peer

    yield start
    for outbound, peer in opened:
        outbound.close()
        peer.__exit__()


def test_answer_has_status_headers_and_body(say):
    outbound, peer = say(reply("202 Accepted", b'{"id": "em_1"}', "X-Some: thing"))

    answer = outbound.call("POST", f"{peer.url}/v1?x=1", headers={"Authorization": "Bearer k"}, content={"a": "ü"})

    assert (answer.status, answer.headers["x-some"], answer.object()) == (202, "thing", {"id": "em_1"})
    assert peer.heads[0].startswith(b"POST /v1?x=1 HTTP/1.1\r\n")
    assert b"Authorization: Bearer k\r\n" in peer.heads[0]
    assert peer.heads[0].endswith(b'\r\n\r\n{"a": "\\u00fc"}')


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b"null", b"\xff", b'{"a": NaN}', b"[" * 5000])
def test_body_that_is_no_object_reads_as_an_empty_one(say, body):
    outbound, peer = say(reply("200 OK", body))

    assert outbound.call("GET", peer.url).object() == {}


def test_two_calls_share_one_connection(say):
    outbound, peer = say(reply())

    for _ in range(2):
        outbound.call("GET", peer.url)

    assert (len(peer.heads), peer.lines) == (2, 1)


def test_redirect_is_an_answer_and_is_not_followed(say):
    with Peer(lambda line: line.sendall(reply())) as target:
        outbound, peer = say(reply("302 Found", b"", f"Location: {target.url}/"))

        answer = outbound.call("GET", peer.url)

        assert (answer.status, target.lines, len(peer.heads)) == (302, 0, 1)


@pytest.mark.parametrize("status", ["200 OK", "302 Found"])
def test_body_that_unpacks_to_more_than_the_cap_is_dropped_early(say, status):
    bomb = gzip.compress(bytes(200 * 1024 * 1024), 9)
    outbound, peer = say(reply(status, bomb, "Content-Encoding: gzip", "Location: /more"))
    tracemalloc.start()

    fault = refusal(outbound, peer.url)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert (fault.reason, fault.perhaps_heard) == ("too_big", True)
    assert peak < 16 * 1024 * 1024


def test_body_of_exactly_the_cap_is_kept(say):
    outbound, peer = say(reply("200 OK", b"x" * LARGEST))

    assert len(outbound.call("GET", peer.url).body) == LARGEST


def test_one_byte_over_the_cap_is_too_big(say):
    outbound, peer = say(reply("200 OK", b"x" * (LARGEST + 1)))

    assert refusal(outbound, peer.url).reason == "too_big"


def test_no_cookie_is_kept(say):
    outbound, peer = say(reply("200 OK", b"{}", "Set-Cookie: a=b; Path=/"))

    for _ in range(2):
        outbound.call("GET", peer.url)

    assert b"cookie" not in peer.heads[1].lower()


def test_environment_gives_neither_proxy_nor_login(say, monkeypatch, tmp_path):
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login a password b\n")
    monkeypatch.setenv("NETRC", str(netrc))
    with Peer(lambda line: line.sendall(reply())) as proxy:
        for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy.url)
        outbound, peer = say(reply())

        outbound.call("GET", peer.url)

        assert proxy.lines == 0
        assert b"authorization" not in peer.heads[0].lower()


# ---- what went wrong -------------------------------------------------------------------------------------------------


def test_refused_connection_is_surely_not_heard():
    with Peer(lambda _: None) as peer:
        url = peer.url

    fault = refusal(Outbound(url), url)

    assert (fault.reason, fault.perhaps_heard) == ("not_reached", False)


def test_line_cut_after_the_request_is_perhaps_heard(say):
    outbound, peer = say(lambda _: False)

    fault = refusal(outbound, peer.url)

    assert (fault.reason, fault.perhaps_heard, len(peer.heads)) == ("cut_off", True, 1)


def test_line_cut_inside_the_body_is_perhaps_heard(say):
    outbound, peer = say(lambda line: bool(line.sendall(reply("200 OK", b"x" * 100)[:-50])))

    fault = refusal(outbound, peer.url)

    assert (fault.reason, fault.perhaps_heard) == ("cut_off", True)


def test_silence_after_the_request_is_perhaps_heard(say):
    outbound, peer = say(lambda _: time.sleep(0.6), read_s=0.2)

    fault = refusal(outbound, peer.url)

    assert (fault.reason, fault.perhaps_heard) == ("timed_out", True)


@pytest.mark.parametrize("before", [b"", reply("200 OK", b"x" * 1000)[:-1000], b"HTTP/1.0 200 OK\r\n\r\n"])
def test_drop_by_drop_ends_with_the_whole_calls_time(say, before):
    def drip(line):
        line.sendall(before)
        for _ in range(100):
            line.sendall(b"H")
            time.sleep(0.05)

    outbound, peer = say(drip, read_s=2, total_s=0.4)
    began = time.monotonic()

    fault = refusal(outbound, peer.url)

    assert (fault.reason, fault.perhaps_heard) == ("timed_out", True)
    assert time.monotonic() - began < 1.5


@pytest.mark.parametrize("rubbish", [b"\x00\xff" * 50 + b"\r\n\r\n", b"SSH-2.0-x\r\n", b"HTTP/1.1 abc\r\n\r\n"])
def test_rubbish_instead_of_an_answer_is_perhaps_heard(say, rubbish):
    outbound, peer = say(lambda line: bool(line.sendall(rubbish)))

    assert refusal(outbound, peer.url).perhaps_heard


def test_broken_packing_is_perhaps_heard(say):
    outbound, peer = say(reply("200 OK", b"no gzip at all", "Content-Encoding: gzip"))

    assert refusal(outbound, peer.url).perhaps_heard


def test_call_after_a_failed_one_works(say):
    def second_is_good(line):
        return False if len(peer.heads) == 1 else line.sendall(reply())

    outbound, peer = say(second_is_good)
    refusal(outbound, peer.url)

    assert outbound.call("GET", peer.url).status == 200


FAULTS = {
    "cut": lambda _: False,
    "silent": lambda _: time.sleep(0.4),
    "rubbish": lambda line: bool(line.sendall(b"\xff\r\n\r\n")),
    "bad headers": lambda line: line.sendall(reply("200 OK", b"{}", "no colon here")),
    "moved": lambda line: line.sendall(reply("301 Moved", b"", f"Location: http://{SECRET}/")),
    "good": lambda line: line.sendall(reply("200 OK", SECRET.encode())),
}


@pytest.mark.parametrize("kind", FAULTS)
def test_neither_errors_nor_logs_nor_answers_show_what_was_sent(say, caplog, capsys, kind):
    caplog.set_level(logging.DEBUG)
    outbound, peer = say(FAULTS[kind], read_s=0.2)
    place = f"{peer.url}/{SECRET}"
    caught = None

    try:
        shown = repr(
            outbound.call("POST", place, headers={"Authorization": SECRET}, params={"q": SECRET}, content=[SECRET])
        )
    except NoAnswer as fault:
        caught = fault
        shown = f"{fault} {fault!r} " + "".join(traceback.format_exception(fault))

    assert caught is None or (caught.__cause__, caught.__context__) == (None, None)
    assert len(peer.heads) == 1
    assert SECRET not in shown
    assert SECRET not in caplog.text
    assert SECRET not in "".join(capsys.readouterr())


def test_refused_url_is_not_repeated_in_the_error():
    fault = refusal(Recorder([NEIGHBOUR]).outbound(), f"https://{SECRET.replace('_', '-')}.example/{SECRET}")

    assert fault.reason == "address_refused"
    assert "never" not in str(fault) + repr(fault) + "".join(traceback.format_exception(fault)).split("Traceback")[0]


# ---- TLS -------------------------------------------------------------------------------------------------------------


def certificate(tmp_path, *names):
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "test")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name) for name in names]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    both, public = tmp_path / "both.pem", tmp_path / "ca.pem"
    both.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    public.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(both)
    return context, str(public)


def near_gate(port):
    """For TLS tests alone: the name's address is this machine, and that is permitted."""
    return Gate(
        own=("api.shop.test", port),
        look_up=lambda _, port: [(socket.AF_INET, ("127.0.0.1", port))],
        permits=lambda _: True,
    )


def test_tls_asks_for_the_name_and_not_for_the_pinned_address(tmp_path):
    context, ca_file = certificate(tmp_path, "api.shop.test")
    asked = []
    context.sni_callback = lambda _line, name, _context: asked.append(name)
    with Peer(lambda line: line.sendall(reply()), context) as peer:
        outbound = Outbound(gate=near_gate(peer.port), ca_file=ca_file)

        answer = outbound.call("GET", f"https://api.shop.test:{peer.port}/x")
        outbound.close()

    assert (answer.status, asked) == (200, ["api.shop.test"])
    assert f"Host: api.shop.test:{peer.port}".encode() in peer.heads[0]


@pytest.mark.parametrize("known", [True, False])
def test_certificate_of_another_name_or_of_a_stranger_ends_the_call_unheard(tmp_path, known):
    context, ca_file = certificate(tmp_path, "other.shop.test" if known else "api.shop.test")
    with Peer(lambda line: line.sendall(reply()), context) as peer:
        outbound = Outbound(gate=near_gate(peer.port), ca_file=ca_file if known else None)

        fault = refusal(outbound, f"https://api.shop.test:{peer.port}/", headers={"Authorization": SECRET})
        outbound.close()

    assert (fault.reason, fault.perhaps_heard, peer.heads) == ("not_trusted", False, [])


def test_drop_by_drop_inside_tls_ends_with_the_whole_calls_time(tmp_path):
    context, ca_file = certificate(tmp_path, "api.shop.test")

    def drip(line):
        for _ in range(100):
            line.sendall(b"H")
            time.sleep(0.05)

    with Peer(drip, context) as peer:
        outbound = Outbound(gate=near_gate(peer.port), ca_file=ca_file, total_s=0.5)

        fault = refusal(outbound, f"https://api.shop.test:{peer.port}/")
        outbound.close()

    assert (fault.reason, fault.perhaps_heard) == ("timed_out", True)
