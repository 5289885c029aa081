"""Which addresses of the Internet may be called: the public ones, said by a list of our own.

`ipaddress.is_global` is no filter: it lets pass NAT64, 6to4 relays, segment routing and IPv4-compatible addresses, behind
which a loopback or a neighbour can sit (measured with Python 3.11 and 3.13, 2026-11).
"""

import ipaddress

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

# IANA IPv4 Special-Purpose Address Registry, as read on 2026-11-20; and everything from multicast upwards.
_CLOSED_V4 = tuple(
    ipaddress.IPv4Network(text)
    for text in (
        "0.0.0.0/8",  # this host
        "10.0.0.0/8",  # private
        "100.64.0.0/10",  # carrier-grade NAT
        "127.0.0.0/8",  # loopback
        "169.254.0.0/16",  # link-local: cloud metadata
        "172.16.0.0/12",  # private
        "192.0.0.0/24",  # protocol assignments
        "192.0.2.0/24",  # documentation
        "192.31.196.0/24",  # AS112
        "192.52.193.0/24",  # AMT
        "192.88.99.0/24",  # 6to4 relay, deprecated
        "192.168.0.0/16",  # private
        "192.175.48.0/24",  # AS112
        "198.18.0.0/15",  # benchmarks
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/3",  # multicast, reserved, broadcast
    )
)
# Of IPv6 only global unicast is open at all: ::/8 (mapped, compatible, NAT64), 5f00::/16, fc00::/7, fe80::/10 and ff00::/8
# are outside of it. Fly's private fdaa::/16 is in fc00::/7.
_OPEN_V6 = ipaddress.IPv6Network("2000::/3")
_CLOSED_V6 = tuple(
    ipaddress.IPv6Network(text)
    for text in (
        "2001::/23",  # protocol assignments: Teredo, ORCHID, benchmarks
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4: carries any IPv4 address
        "2620:4f:8000::/48",  # AS112
        "3fff::/20",  # documentation
    )
)


def is_public(address: Address) -> bool:
    """Whether a stranger's URL may make us call this address."""
    if isinstance(address, ipaddress.IPv4Address):
        return not any(address in network for network in _CLOSED_V4)
    return address in _OPEN_V6 and not any(address in network for network in _CLOSED_V6)


def is_loopback(address: Address) -> bool:
    """Whether this is the very machine, in either family; ::ffff:127.0.0.1 and other spellings do not count."""
    return address in ipaddress.IPv4Network("127.0.0.0/8") if address.version == 4 else address == ipaddress.IPv6Address(1)


def parse(text: str) -> Address | None:
    """The address that a resolver wrote, None for anything else. An interface (`%eth0`) makes it none: it is no public one."""
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None
