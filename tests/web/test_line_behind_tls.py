"""A line by TLS to a name: its addresses are used, and its certificate alone is believed."""

import ipaddress
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.naming import NAME, resolving
from verifier.acts import RegistryLost
from verifier.client.line import Call, Line, Patience

HERE = "127.0.0.1"
OF_NAME, OF_ANOTHER = x509.DNSName(NAME), x509.DNSName("elsewhere.test")
OF_ADDRESS = x509.IPAddress(ipaddress.ip_address(HERE))
LOOK = Call("GET", "/look", {})


@dataclass
class Heard:
    """What a server with a certificate of its own heard."""

    port: int
    certificate: Path
    names: list[str | None] = field(default_factory=list)
    """Asked for before the handshake."""
    hosts: list[str | None] = field(default_factory=list)


def certificate(folder: Path, of: x509.GeneralName) -> tuple[Path, Path]:
    """A certificate signed by itself, and its key."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)])
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([of]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem, private = folder / "certificate.pem", folder / "key.pem"
    pem.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    plain = (serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    private.write_bytes(key.private_bytes(serialization.Encoding.PEM, *plain))
    return pem, private


@contextmanager
def behind_tls(folder: Path, of: x509.GeneralName) -> Iterator[Heard]:
    """A server with a certificate of this name, for as long as the block."""
    folder.mkdir()
    pem, private = certificate(folder, of)
    heard = Heard(0, pem)

    class Answering(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            heard.hosts.append(self.headers["Host"])
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem, private)
    context.sni_callback = lambda _socket, name, _context: heard.names.append(name)
    with ThreadingHTTPServer((HERE, 0), Answering) as server:
        server.daemon_threads = True
        server.socket = context.wrap_socket(server.socket, server_side=True)
        heard.port = server.server_port
        serving = threading.Thread(target=server.serve_forever, args=(0.05,))
        serving.start()
        yield heard
        server.shutdown()
        serving.join()


@pytest.fixture(autouse=True)
def _named(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with resolving(monkeypatch, HERE):
        yield


def line_to(name: str, heard: Heard, ca: Path | None) -> Line:
    return Line(f"https://{name}:{heard.port}", Patience(look=5), str(ca) if ca else None)


def test_the_certificate_of_the_name_is_believed(tmp_path: Path) -> None:
    with behind_tls(tmp_path / "its", OF_NAME) as heard:
        with line_to(NAME, heard, heard.certificate) as line:
            assert line.ask(LOOK).status == 200
        assert heard.names == [NAME]
        assert heard.hosts == [f"{NAME}:{heard.port}"]


@pytest.mark.parametrize("of", [OF_ANOTHER, OF_ADDRESS])
def test_a_certificate_of_anything_else_is_not_believed(
    tmp_path: Path, of: x509.GeneralName
) -> None:
    """Not of another name, and not of the address that the name leads to."""
    with behind_tls(tmp_path / "its", of) as heard:
        with line_to(NAME, heard, heard.certificate) as line, pytest.raises(RegistryLost):
            line.ask(LOOK)
        assert heard.names, "nobody shook hands"
        assert not heard.hosts


@pytest.mark.parametrize("theirs", [True, False])
def test_a_certificate_that_no_known_authority_signed_is_not_believed(
    tmp_path: Path, theirs: bool
) -> None:
    with (
        behind_tls(tmp_path / "its", OF_NAME) as heard,
        behind_tls(tmp_path / "another", OF_NAME) as other,
    ):
        known = other.certificate if theirs else None
        with line_to(NAME, heard, known) as line, pytest.raises(RegistryLost, match="SSL"):
            line.ask(LOOK)
        assert not heard.hosts


def test_an_address_in_the_url_is_held_to_a_certificate_of_that_address(tmp_path: Path) -> None:
    with (
        behind_tls(tmp_path / "its", OF_ADDRESS) as heard,
        line_to(HERE, heard, heard.certificate) as line,
    ):
        assert line.ask(LOOK).status == 200
    with (
        behind_tls(tmp_path / "named", OF_NAME) as heard,
        line_to(HERE, heard, heard.certificate) as line,
        pytest.raises(RegistryLost),
    ):
        line.ask(LOOK)
