# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

from __future__ import annotations

from pathlib import Path

import pytest
from landbridge.adapters.yaml_document import read_document
from landbridge.errors import InvalidInput
from landbridge.model.site import SecretReference, Site
from landbridge.site.reader import read_site

from tests.fixtures.contracts import unmark

EXAMPLE = Path(__file__).parents[3] / "inventories" / "example" / "site.yml"

GOOD = """\
landbridge_site: 1
migration: {name: billing, run: r1, contract: ../contract.yml}
source: {host: db.example, port: 3307, user: reader, password: {file: secrets/reader}, tls: {ca: tls/ca.pem}}
aws: {region: eu-west-1, account: "000000000042", prefix: landbridge-billing}
replication: {subnet_ids: [subnet-1, subnet-2], security_group_ids: [sg-1], source: {secret: billing/source}}
"""


def site_of(text: str, file: str = "sites/a/site.yml") -> Site:
    return read_site(read_document(text, file), file)


def test_defaults_and_paths() -> None:
    site = site_of(GOOD)
    assert site.contract_file == "sites/contract.yml"
    assert site.source.password == SecretReference("file", "sites/a/secrets/reader")
    assert (site.source.tls_mode, site.source.tls_ca) == ("verify-full", "sites/a/tls/ca.pem")
    assert site.staging.name == "landbridge-billing-staging-000000000042-eu-west-1"
    assert site.state.name == "landbridge-billing-state-000000000042-eu-west-1"
    assert (site.replication.tls_mode, site.replication.tls_ca) == ("verify-full", "sites/a/tls/ca.pem")
    assert site.replication.null_marker == "__DMS_NULL__"
    assert site.table.deletion_protection
    assert site.load.connections == 16
    assert site.staging_prefix == "billing/r1"


def test_absolute_paths_stay() -> None:
    assert site_of(GOOD.replace("../contract.yml", "/etc/contract.yml")).contract_file == "/etc/contract.yml"


@pytest.mark.parametrize("kind", ["env", "secretsmanager"])
def test_other_places_of_a_secret(kind: str) -> None:
    site = site_of(GOOD.replace("file: secrets/reader", f"{kind}: NAME"))
    assert site.source.password == SecretReference(kind, "NAME")  # type: ignore[arg-type]


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.8.9.1", "[::1]"])
def test_plain_http_and_no_tls_are_for_this_machine(host: str) -> None:
    text = GOOD.replace("prefix:", f'endpoint_url: "http://{host}:4566", prefix:')
    assert site_of(text).aws.endpoint_url == f"http://{host}:4566"
    if host != "[::1]":
        text = GOOD.replace("host: db.example", f"host: {host}").replace("{ca: tls/ca.pem}", "{mode: none}")
        assert site_of(text).replication.tls_mode == "none"


def test_the_example_is_a_site() -> None:
    site = site_of(EXAMPLE.read_text(), str(EXAMPLE))
    assert Path(site.contract_file).is_file()


def test_all_sections_of_the_lab_are_understood() -> None:
    site = site_of(
        GOOD.replace("migration: {name: billing, run: r1,", "migration: {name: billing,")
        + "staging: {bucket: my-staging, kms_key: 'arn:aws:kms:eu-west-1:1:key/2'}\nstate: {bucket: my-state}\n"
        "table: {billing_mode: PROVISIONED, read_units: 5, write_units: 6, deletion_protection: false}\n"
        "load: {connections: 4, max_items_per_second: 100, unit_mb: 8}\n"
    )
    assert site.run == "r1"
    assert (site.staging.name, site.staging.kms_key, site.state.name) == ("my-staging", "arn:aws:kms:eu-west-1:1:key/2", "my-state")
    assert (site.table.read_units, site.table.write_units, site.table.deletion_protection) == (5, 6, False)
    assert (site.load.connections, site.load.max_items_per_second, site.load.unit_mb) == (4, 100, 8)


def changed(old: str, new: str) -> str:
    if old not in GOOD:
        raise ValueError(old)
    return GOOD.replace(old, new)


AWS = 'aws: {region: eu-west-1, account: "000000000042", prefix: landbridge-billing}\n'
TWO_BUCKETS = "staging: {bucket: a-b}\nstate: {bucket: b-c}\n"

BAD = {
    "version": ("bad-value", changed("landbridge_site: 1", "landbridge_site: §2")),
    "unknown section": ("unknown-key", GOOD + "§tabel: {}\n"),
    "missing section": ("missing-key", "§" + changed(AWS, "")),
    "missing contract": ("missing-key", changed("{name: billing, run: r1, contract: ../contract.yml}", "§{name: billing}")),
    "migration name": ("bad-value", changed("name: billing", "name: §Billing")),
    "run": ("bad-value", changed("run: r1", "run: §r/1")),
    "port": ("bad-value", changed("3307", "§70000")),
    "port kind": ("wrong-kind", changed("3307", "§'3307'")),
    "password in the file": ("secret-in-file", changed("{file: secrets/reader}", "§hunter2")),
    "kind of secret": ("unknown-key", changed("{file: secrets/reader}", "{§vault: x}")),
    "two places of a secret": ("wrong-kind", changed("{file: secrets/reader}", "§{file: a, env: B}")),
    "tls mode": ("bad-value", changed("{ca: tls/ca.pem}", "{mode: §verify}")),
    "region": ("bad-value", changed("eu-west-1", "§europe")),
    "account": ("bad-value", changed('"000000000042"', '§"42"')),
    "account kind": ("wrong-kind", changed('"000000000042"', "§123456789012")),
    "prefix": ("bad-value", changed("prefix: landbridge-billing", "prefix: §land--bridge")),
    "prefix length": ("bad-value", changed("prefix: landbridge-billing", f"prefix: §{'a' * 32}") + TWO_BUCKETS),
    "http": ("insecure-connection", changed("prefix:", 'endpoint_url: §"http://aws.example", prefix:')),
    "http to a name like loopback": ("insecure-connection", changed("prefix:", 'endpoint_url: §"http://127.0.0.1.example", prefix:')),
    "url": ("bad-value", changed("prefix:", "endpoint_url: §nonsense, prefix:")),
    "tag": ("bad-value", changed("prefix:", 'tags: {§"aws:x": "1"}, prefix:')),
    "bucket": ("bad-value", GOOD + "staging: {bucket: §My_Bucket}\n"),
    "bucket that is an address": ("bad-value", GOOD + "staging: {bucket: §192.168.1.1}\n"),
    "bucket suffix": ("bad-value", GOOD + "staging: {bucket: §mine-s3alias}\n"),
    "key": ("bad-value", GOOD + "state: {kms_key: §mine}\n"),
    "one bucket for both": ("duplicate-name", GOOD + "staging: {bucket: mine}\nstate: §{bucket: mine}\n"),
    "one subnet": ("bad-value", changed("[subnet-1, subnet-2]", "§[subnet-1]")),
    "subnet": ("bad-value", changed("subnet-2", "§sg-2")),
    "same subnet": ("duplicate-name", changed("subnet-2]", "§subnet-1, subnet-3]")),
    "marker": ("bad-value", changed("{subnet_ids", '{null_marker: §"a,bcd", subnet_ids')),
    "truth": ("wrong-kind", changed("{subnet_ids", "{multi_az: §no, subnet_ids")),
    "no secret": ("missing-key", changed("{secret: billing/source}", "§{tls: {mode: verify-ca}}")),
    "billing mode": ("bad-value", GOOD + "table: {billing_mode: §FREE}\n"),
    "units without mode": ("bad-value", GOOD + "table: {read_units: §5}\n"),
    "connections": ("bad-value", GOOD + "load: {connections: §0}\n"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_each_mistake_is_found_at_its_place(name: str) -> None:
    code, marked = BAD[name]
    text, place = unmark(marked, "sites/a/site.yml")
    with pytest.raises(InvalidInput) as caught:
        site_of(text)
    assert [(finding.code, finding.place) for finding in caught.value.findings] == [(code, place)]


def test_no_tls_to_another_machine_is_refused_on_both_paths() -> None:
    with pytest.raises(InvalidInput) as caught:
        site_of(GOOD.replace("{ca: tls/ca.pem}", "{mode: none}"))
    assert [finding.code for finding in caught.value.findings] == ["insecure-connection"] * 2


def test_a_password_in_the_file_is_not_repeated() -> None:
    with pytest.raises(InvalidInput) as caught:
        site_of(GOOD.replace("{file: secrets/reader}", "hunter2"))
    assert "hunter2" not in str(caught.value)


def test_all_mistakes_come_together() -> None:
    text = GOOD.replace("eu-west-1", "europe").replace("3307", "0").replace("name: billing", "name: B") + "lod: {}\n"
    with pytest.raises(InvalidInput) as caught:
        site_of(text)
    assert len(caught.value.findings) == 4
