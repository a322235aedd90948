# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""The lab's authority and certificate hold before a real TLS client."""

from __future__ import annotations

import socket
import ssl
import threading

import pytest

from lab.tls import create_tls


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    return create_tls(tmp_path_factory.mktemp("tls"), ("localhost",), ("127.0.0.1",))


def handshake(files, name, ca):
    """The client's view of one handshake with a server that has the lab's certificate."""
    server_side = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server_side.load_cert_chain(files.certificate, files.key)
    client_side = ssl.create_default_context(cafile=ca)
    left, right = socket.socketpair()

    def serve():
        try:
            server_side.wrap_socket(left, server_side=True).close()
        except OSError:
            left.close()  # the client refused

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        with client_side.wrap_socket(right, server_hostname=name) as connection:
            return connection.version()
    finally:
        right.close()
        thread.join()


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1"])
def test_the_server_is_known_by_both_its_names(files, name):
    assert handshake(files, name, files.ca).startswith("TLS")


@pytest.mark.parametrize("name", ["example.com", "127.0.0.2"])
def test_no_other_name_passes(files, name):
    with pytest.raises(ssl.SSLCertVerificationError):
        handshake(files, name, files.ca)


def test_another_labs_authority_does_not_vouch_for_it(files, tmp_path):
    other = create_tls(tmp_path, ("localhost",), ("127.0.0.1",))
    with pytest.raises(ssl.SSLCertVerificationError):
        handshake(files, "localhost", other.ca)


def test_the_key_is_private(files):
    assert files.key.stat().st_mode & 0o777 == 0o600
