# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Certificates of authorities, imported for TLS towards a database."""

from __future__ import annotations

from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from lab.dms.api import identifiers, tags
from lab.dms.api.listing import page, select
from lab.dms.api.quotas import Quotas
from lab.dms.api.store import Resource, Store
from lab.dms.aws import Aws
from lab.dms.faults import Fault, not_built, not_found, wrong_state

KIND = "certificate"
MEMBER = "CertificateIdentifier"


class Certificates:
    def __init__(self, store: Store, aws: Aws, quotas: Quotas) -> None:
        self._store = store
        self._aws = aws
        self._quotas = quotas

    def create(self, params: dict[str, Any]) -> dict[str, Any]:
        if "CertificateWallet" in params:
            raise not_built("Oracle wallets")
        facts = _read(params.get("CertificatePem", ""))
        if params.get("KmsKeyId"):
            self._aws.check_key(params["KmsKeyId"])
        with self._store.changing():
            identifier = identifiers.fresh(self._store, KIND, MEMBER, params, "Certificate")
            self._quotas.check("Certificates")
            arn = self._store.new_arn(KIND)
            shown = {
                MEMBER: identifier,
                "CertificateArn": arn,
                "CertificateCreationDate": self._store.clock(),
                "CertificatePem": params["CertificatePem"],
                "CertificateOwner": self._store.account,
                "KmsKeyId": params.get("KmsKeyId"),
                **facts,
            }
            certificate = Resource(KIND, arn, identifier, shown, tags=tags.given(params))
            self._store.add(certificate)
        return {"Certificate": shown}

    def describe(self, params: dict[str, Any]) -> dict[str, Any]:
        values = {"certificate-arn": lambda c: c.arn, "certificate-id": lambda c: c.identifier}
        certificates = select(self._store.all(KIND), params.get("Filters", []), values)
        if params.get("Filters") and not certificates:
            raise not_found("No Certificates found matching the filters.")
        chosen, marker = page(certificates, params)
        return {"Certificates": [c.shown for c in chosen], "Marker": marker}

    def delete(self, params: dict[str, Any]) -> dict[str, Any]:
        with self._store.changing():
            certificate = self._store.get(KIND, params["CertificateArn"])
            users = [e.identifier for e in self._store.all("endpoint") if e.shown.get("CertificateArn") == certificate.arn]
            if users:
                raise wrong_state(f"Certificate {certificate.identifier} is in use by {', '.join(users)}.")
            self._store.remove(certificate)
        return {"Certificate": certificate.shown}


def _read(pem: str) -> dict[str, Any]:
    """What the API tells about a certificate. Raises Fault for what is no PEM certificate."""
    try:
        first = x509.load_pem_x509_certificates(pem.encode())[0]
    except ValueError:
        raise Fault("InvalidCertificateFault", "The certificate was not valid: it is no PEM certificate.") from None
    key = first.public_key()
    return {
        "ValidFromDate": first.not_valid_before_utc.timestamp(),
        "ValidToDate": first.not_valid_after_utc.timestamp(),
        "SigningAlgorithm": first.signature_algorithm_oid._name,
        "KeyLength": key.key_size if isinstance(key, RSAPublicKey | EllipticCurvePublicKey) else None,
    }
