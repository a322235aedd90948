# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

from __future__ import annotations

import datetime
import ipaddress
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from landbridge.adapters.http_pool import HttpPool, Lost, Response
from landbridge.errors import InvalidInput, Unreachable

from tests.support.memory import FastClock

REQUEST = b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n\r\n{}"
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-Thing: A b\r\n\r\nhi"


@contextmanager
def server(behave: Callable[[socket.socket, int], None], context: ssl.SSLContext | None = None) -> Iterator[int]:
    """Calls ``behave(socket, number of the connection)`` for each connection, and gives the port."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        number = 0
        while True:
            try:
                sock, _ = listener.accept()
                if context:
                    sock = context.wrap_socket(sock, server_side=True)
            except OSError:
                if listener.fileno() < 0:
                    return
                continue
            threading.Thread(target=quietly, args=(behave, sock, number), daemon=True).start()
            number += 1

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield listener.getsockname()[1]
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()


def quietly(behave: Callable[[socket.socket, int], None], sock: socket.socket, number: int) -> None:
    try:
        with sock:
            behave(sock, number)
    except OSError:
        pass


def answering(*answers: bytes) -> Callable[[socket.socket, int], None]:
    """Each request gets the next answer; after the last one the connection is closed."""

    def behave(sock: socket.socket, number: int) -> None:
        for answer in answers:
            received = b""
            while not received.endswith(b"{}"):
                received += sock.recv(65536)
            sock.sendall(answer)

    return behave


def one(pool: HttpPool, request: bytes = REQUEST) -> Response | Lost:
    pool.send(request, "token")
    while True:
        for token, outcome in pool.receive(1.0):
            assert token == "token"
            return outcome


def pool_of(port: int, clock: FastClock, connections: int = 1, timeout: float = 60.0) -> HttpPool:
    return HttpPool(f"http://127.0.0.1:{port}", connections, clock, timeout=timeout)


def test_answers_and_headers(clock: FastClock) -> None:
    with server(answering(OK, OK)) as port:
        pool = pool_of(port, clock)
        for _ in range(2):
            answer = one(pool)
            assert isinstance(answer, Response)
            assert (answer.status, answer.body, answer.header("X-Thing"), answer.header("x-none")) == (200, b"hi", "a b", "")
        pool.close()


@pytest.mark.parametrize(
    ("answer", "body"),
    [
        (b"HTTP/1.1 200 OK\r\ncontent-LENGTH:0\r\n\r\n", b""),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nA;e=1\r\n0123456789\r\n0\r\n\r\n", b"abc0123456789"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nTrailer: x\r\n\r\n", b""),
        (b"HTTP/1.0 200 OK\r\n\r\nuntil the end", b"until the end"),
        (b"HTTP/1.1 503 Slow Down\r\nConnection: close\r\nContent-Length: 1\r\n\r\nx", b"x"),
    ],
)
def test_forms_of_a_body_whole_and_byte_by_byte(clock: FastClock, answer: bytes, body: bytes) -> None:
    def trickle(sock: socket.socket, number: int) -> None:
        sock.recv(65536)
        for at in range(len(answer)):
            sock.sendall(answer[at : at + 1])

    for behave in (answering(answer), trickle):
        with server(behave) as port:
            pool = pool_of(port, clock)
            outcome = one(pool)
            assert isinstance(outcome, Response)
            assert outcome.body == body
            pool.close()


def test_a_connection_is_used_again_and_replaced_when_the_server_announces_its_end(clock: FastClock) -> None:
    closing = OK.replace(b"\r\n\r\n", b"\r\nConnection: Close\r\n\r\n")
    seen: list[int] = []

    def behave(sock: socket.socket, number: int) -> None:
        seen.append(number)
        answering(OK, closing)(sock, number)

    with server(behave) as port:
        pool = pool_of(port, clock)
        assert all(isinstance(one(pool), Response) for _ in range(5))
        assert seen == [0, 1, 2]
        pool.close()


def test_a_connection_that_went_away_between_two_requests_is_stale_and_the_next_one_is_not(clock: FastClock) -> None:
    def behave(sock: socket.socket, number: int) -> None:
        if number == 0:
            answering(OK)(sock, number)
            # Take the second request before leaving: the client cannot have known.
            sock.recv(65536)

    with server(behave) as port:
        pool = pool_of(port, clock)
        assert isinstance(one(pool), Response)
        lost = one(pool)
        assert isinstance(lost, Lost)
        assert lost.stale
        lost = one(pool)
        assert isinstance(lost, Lost)
        assert not lost.stale
        pool.close()


@pytest.mark.parametrize(
    "answer", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhi", b"HTTP/1.1 200 OK\r\nContent-", b"nonsense\r\n\r\n"]
)
def test_a_broken_answer_is_no_answer(clock: FastClock, answer: bytes) -> None:
    with server(answering(answer)) as port:
        pool = pool_of(port, clock)
        assert isinstance(one(pool), Lost)
        assert pool.busy == 0
        pool.close()


def test_a_silent_server_is_given_up(clock: FastClock) -> None:
    ended = threading.Event()
    with server(lambda sock, number: ended.wait(20) and None) as port:
        pool = pool_of(port, clock, timeout=30.0)
        pool.send(REQUEST, "token")
        assert pool.receive(0.01) == []
        clock.sleep(31.0)
        outcomes = pool.receive(0.01)
        assert [token for token, _ in outcomes] == ["token"]
        assert isinstance(outcomes[0][1], Lost)
        assert "30 seconds" in outcomes[0][1].reason
        ended.set()
        pool.close()


def test_nobody_listens(clock: FastClock) -> None:
    with server(answering(OK)) as port:
        pass
    pool = pool_of(port, clock)
    outcome = one(pool)
    assert isinstance(outcome, Lost)
    assert "could not connect" in outcome.reason
    pool.close()


def test_a_large_request_goes_out_while_the_server_reads_slowly(clock: FastClock) -> None:
    body = b"x" * 8_000_000 + b"{}"
    request = b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: %d\r\n\r\n%s" % (len(body), body)
    received = 0

    def behave(sock: socket.socket, number: int) -> None:
        nonlocal received
        while received < len(request):
            received += len(sock.recv(65536))
        sock.sendall(OK)

    with server(behave) as port:
        pool = pool_of(port, clock)
        assert isinstance(one(pool, request), Response)
        assert received == len(request)
        pool.close()


def test_many_requests_under_way_at_once(clock: FastClock) -> None:
    gate = threading.Barrier(4, timeout=10)

    def behave(sock: socket.socket, number: int) -> None:
        sock.recv(65536)
        gate.wait()
        sock.sendall(OK)
        sock.recv(1)

    with server(behave) as port:
        pool = pool_of(port, clock, connections=4)
        for token in range(4):
            assert not pool.full
            pool.send(REQUEST, token)
        assert pool.full
        tokens = set()
        while pool.busy:
            tokens |= {token for token, outcome in pool.receive() if isinstance(outcome, Response)}
        assert tokens == {0, 1, 2, 3}
        pool.close()
        pool.close()


@pytest.mark.parametrize("url", ["127.0.0.1:8000", "ftp://x", "https://"])
def test_not_a_url(clock: FastClock, url: str) -> None:
    with pytest.raises(InvalidInput):
        HttpPool(url, 1, clock)


def certificate(folder: Path, name: str) -> ssl.SSLContext:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test")])
    now = datetime.datetime.now(datetime.UTC)
    alternative: x509.GeneralName = x509.IPAddress(ipaddress.ip_address(name)) if name[0].isdigit() else x509.DNSName(name)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([alternative]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    (folder / "ca.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "ca.pem", folder / "key.pem")
    return context


def test_tls_with_a_large_request(clock: FastClock, tmp_path: Path) -> None:
    body = b"x" * 3_000_000 + b"{}"
    request = b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: %d\r\n\r\n%s" % (len(body), body)
    with server(answering(OK, OK), certificate(tmp_path, "127.0.0.1")) as port:
        pool = HttpPool(f"https://127.0.0.1:{port}", 1, clock, ca_files=(str(tmp_path / "ca.pem"),))
        assert isinstance(one(pool, request), Response)
        assert isinstance(one(pool), Response)
        pool.close()


@pytest.mark.parametrize(("name", "trusted"), [("127.0.0.1", False), ("other.example", True)])
def test_tls_refuses_an_unknown_ca_and_a_foreign_name(clock: FastClock, tmp_path: Path, name: str, trusted: bool) -> None:
    with server(answering(OK), certificate(tmp_path, name)) as port:
        pool = HttpPool(f"https://127.0.0.1:{port}", 1, clock, ca_files=(str(tmp_path / "ca.pem"),) if trusted else ())
        with pytest.raises(Unreachable, match="certificate"):
            pool.send(REQUEST, "token")
        pool.close()
