"""Addresses of strangers lead to the internet, however they are spelt, and whatever their names resolve to."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from core import clock, outbound
from core.outbound import ForbiddenAddress, Outbound, Unreachable
from tests.core.webhooks.receiver import OK, Receiver, status

# Loopback, private and otherwise inner hosts, in every spelling that some parser or resolver understands.
INSIDE = """
localhost LOCALHOST localhost. foo.localhost localhost.localdomain printer.local metadata.google.internal router.lan
127.0.0.1 127.0.0.1. 127.1 127.0.1 127.000.000.001 0177.0.0.1 0x7f.0.0.1 0x7f000001 0X7F000001 2130706433 017700000001
4294967297 0 0.0.0.0 00 127.0.0.1.nip.127 1.2.3.0x7f example.0x 10.0.0.1 10.1 172.16.0.1 172.31.255.255 192.168.1.1
169.254.169.254 0xa9fea9fe 2852039166 100.64.0.1 100.127.255.254 192.0.0.8 192.0.2.1 192.88.99.1 198.18.0.1 198.51.100.1
203.0.113.1 224.0.0.1 239.255.255.250 240.0.0.1 255.255.255.255
[::] [::1] [0:0:0:0:0:0:0:1] [::ffff:127.0.0.1] [::ffff:7f00:1] [::ffff:0:127.0.0.1] [::127.0.0.1] [::ffff:10.0.0.1]
[::ffff:169.254.169.254] [64:ff9b::127.0.0.1] [64:ff9b::a00:1] [64:ff9b::169.254.169.254] [64:ff9b:1::1] [2002:7f00:1::]
[2002:a00:1::1] [2002:a9fe:a9fe::] [2001:0:7f00:1::] [2001:0:4136:e378:8000:63bf:80ff:fffe] [2001:db8::1] [fe80::1]
[3fff::1] [fe80::1%25lo] [fe80::1%eth0] [fec0::1] [fc00::1] [fd00:ec2::254] [ff02::1] [100::1] [2606:4700::5efe:7f00:1]
[2606:4700::200:5efe:a00:1] 1270.0.1 ⑯⑨.254.169.254 127。0。0。1 ①②⑦.⓪.⓪.① intranet -a.example a-.example a..example
""".split()
TRICKS = """
http://hooks.example/ https://user@hooks.example/ https://user:pass@127.0.0.1/ https://hooks.example@127.0.0.1/
https://127.0.0.1\\@hooks.example/ https://hooks.example\\.evil/ https://hooks.example#@127.0.0.1/ https:///x https://
https://hooks.example:22/ https://hooks.example:0/ https://hooks.example:99999/ https://hooks.example:6379/
ftp://hooks.example/ file:///etc/passwd gopher://127.0.0.1/ javascript:alert(1) //hooks.example/ hooks.example
https://[::1/ https://::1/ https://[127.0.0.1]/ https://[hooks.example]/ https://hooks.example:443:80/
https://hooks%2eexample/ https://127.0.0.1%00.hooks.example/ https://hooks.example%00/ https://hooks_example/
""".split()
PUBLIC = """
https://hooks.example/ https://hooks.example:8443/in?a=1 https://8.8.8.8/ https://[2606:4700:4700::1111]/
https://[::ffff:8.8.8.8]/ https://[64:ff9b::8.8.8.8]/ https://xn--bcher-kva.example/ https://1.example/ https://HOOKS.example/
""".split()


def taken(url: str) -> bool:
    """Whether an address is called at all."""
    try:
        outbound.target(url)
    except ForbiddenAddress:
        return False
    return True


def test_a_host_inside_is_refused_in_every_spelling() -> None:
    urls = [url for host in INSIDE for url in (f"https://{host}/hooks", f"https://{host}:8443", f"http://{host}/")]
    assert [url for url in urls if taken(url)] == []


def test_a_trick_is_refused() -> None:
    tricks = [*TRICKS, "https://hooks.example/a b", "https://hooks.example/\n", "https://hoo\tks.example/"]
    assert [url for url in tricks if taken(url)] == []


def test_a_public_host_is_taken() -> None:
    assert [url for url in PUBLIC if not taken(url)] == []


def test_this_machine_is_for_development_and_nothing_else_inside() -> None:
    for host in ("127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]"):
        assert outbound.target(f"http://{host}:8080/", loopback=True).port == 8080
    for host in ("10.0.0.1", "169.254.169.254", "[fd00::1]", "0.0.0.1", "2130706433", "[64:ff9b::127.0.0.1]"):
        with pytest.raises(ForbiddenAddress):
            outbound.target(f"http://{host}:8080/", loopback=True)


def answering(*rounds: Sequence[str]) -> Callable[[str, int], Awaitable[Sequence[str]]]:
    """A resolver that gives these answers in turn, and then has none."""
    waiting = list(rounds)

    async def resolve(_: str, __: int) -> Sequence[str]:
        return waiting.pop(0)

    return resolve


@asynccontextmanager
async def calling(**options: object) -> AsyncIterator[Outbound]:
    caller = Outbound(**options)  # type: ignore[arg-type]  # Each test names what it means.
    yield caller
    await caller.close()


async def reason(caller: Outbound, url: str) -> str:
    """Why nobody answered."""
    with pytest.raises(Unreachable) as caught:
        await caller.post(url, b"{}", {}, keep=10)
    return caught.value.reason


@pytest.mark.parametrize(
    "addresses",
    [
        ["127.0.0.1"], ["8.8.8.8", "10.0.0.1"], ["10.0.0.1", "8.8.8.8"], ["::1"], ["::ffff:169.254.169.254"],
        ["64:ff9b::a00:1"], ["2002:7f00:1::"], ["2001:0:7f00:1::"], ["100.64.0.1"], ["0.0.0.1"], ["fe80::1%eth0"],
        ["224.0.0.1"],
    ],
)  # fmt: skip
async def test_a_name_that_leads_inside_is_not_called(addresses: list[str]) -> None:
    async with calling(resolver=answering(addresses)) as caller:
        assert await reason(caller, "https://hooks.example/") == "forbidden"


async def test_a_second_answer_of_the_resolver_changes_nothing() -> None:
    """The name is public when it is looked at, and this machine ever after (DNS rebinding)."""
    target = outbound.target("https://hooks.example/")
    async with Receiver().listening() as inside, calling(resolver=answering(["8.8.8.8"], ["127.0.0.1"])) as caller:
        assert await caller.addresses(target) == [ip_address("8.8.8.8")]
        assert await reason(caller, f"https://hooks.example:8443/{inside.port}") == "forbidden"
        assert inside.got == []


async def test_the_name_is_asked_for_once_and_the_request_goes_to_that_address_under_its_name() -> None:
    async with (
        Receiver().listening() as receiver,
        calling(loopback=True, resolver=answering(["127.0.0.1"])) as caller,
    ):
        reply = await caller.post(f"http://hooks.example:{receiver.port}/in?a=1", b"{}", {"X-A": "b"}, keep=10)
        assert reply.status == 204
        (got,) = receiver.got
        assert (got.path, got.headers["host"], got.body) == ("/in?a=1", f"hooks.example:{receiver.port}", b"{}")
        assert got.headers["x-a"] == "b"


async def test_a_name_that_nobody_knows_is_unresolved() -> None:
    async def resolve(_: str, __: int) -> Sequence[str]:
        raise OSError("Name or service not known")

    async with calling(resolver=resolve) as caller:
        assert await reason(caller, "https://hooks.example/") == "unresolved"


async def test_a_resolver_that_hangs_costs_no_more_than_the_patience() -> None:
    async def resolve(_: str, __: int) -> Sequence[str]:
        await asyncio.Event().wait()
        return []

    async with calling(resolver=resolve, patience=0.1) as caller:
        assert await reason(caller, "https://hooks.example/") == "timeout"


@pytest.mark.parametrize("answer", [None, b"drip"], ids=["hangs", "drips"])
async def test_a_receiver_that_takes_its_time_is_left(answer: bytes | None) -> None:
    async with Receiver(answer).listening() as receiver, calling(loopback=True, patience=0.3) as caller:
        with pytest.raises(Unreachable, match="timeout"):
            await caller.post(receiver.url, b"{}", {}, keep=1024)


async def test_of_an_answer_no_more_is_read_than_is_kept() -> None:
    endless = b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n" + b"a" * 5000
    async with Receiver(endless).listening() as receiver, calling(loopback=True) as caller:
        assert await caller.post(receiver.url, b"{}", {}, keep=1024) == outbound.Reply(200, b"a" * 1024, None)


async def test_a_redirect_is_an_answer_and_not_a_way() -> None:
    async with Receiver().listening() as inside:
        there = status(301, f"Location: http://127.0.0.1:{inside.port}/\r\nRetry-After: 7\r\n")
        async with Receiver(there).listening() as receiver, calling(loopback=True) as caller:
            reply = await caller.post(receiver.url, b"{}", {}, keep=10)
        assert (reply.status, reply.retry_after, inside.got) == (301, 7, [])


@pytest.mark.parametrize("answer", [b"SSH-2.0-OpenSSH\r\n", b"", b"HTTP/1.1 200 OK\r\nA: " + b"a" * 200_000])
async def test_what_does_not_speak_http_is_a_fact(answer: bytes) -> None:
    async with Receiver(answer).listening() as receiver, calling(loopback=True) as caller:
        assert await reason(caller, receiver.url) == "protocol"


async def test_nobody_at_home_is_refused() -> None:
    async with calling(loopback=True) as caller:
        assert await reason(caller, "http://127.0.0.1:9/") == "refused"


async def test_the_environments_proxy_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    async with Receiver().listening() as proxy, Receiver().listening() as receiver, calling(loopback=True) as caller:
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        assert (await caller.post(receiver.url, b"{}", {}, keep=10)).status == 204
        assert (len(receiver.got), proxy.got) == (1, [])


def certificate(folder: Path, name: str) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A server that proves to be `name`, and whoever believes it."""
    key = ec.generate_private_key(ec.SECP256R1())
    who, now = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)]), clock.now()
    made = (
        x509.CertificateBuilder().subject_name(who).issuer_name(who).public_key(key.public_key())
        .serial_number(1).not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    pem, secret = folder / "cert.pem", folder / "key.pem"
    pem.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    secret.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(pem, secret)
    return server, ssl.create_default_context(cafile=pem)


async def test_a_certificate_is_checked_against_the_name_and_not_the_address(tmp_path: Path) -> None:
    server, trust = certificate(tmp_path, "hooks.example")
    resolver = answering(["127.0.0.1"], ["127.0.0.1"], ["127.0.0.1"])
    async with (
        Receiver(OK).listening(server) as receiver,
        calling(loopback=True, resolver=resolver, trust=trust) as caller,
        calling(loopback=True, resolver=resolver) as stranger,
    ):
        assert (await caller.post(f"https://hooks.example:{receiver.port}/", b"{}", {}, keep=10)).status == 204
        assert await reason(caller, f"https://other.example:{receiver.port}/") == "tls"
        assert await reason(stranger, f"https://hooks.example:{receiver.port}/") == "tls"
        assert len(receiver.got) == 1
