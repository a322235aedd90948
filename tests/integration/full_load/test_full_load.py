# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""The load with real objects in S3, real requests to DynamoDB, and real deaths."""

from __future__ import annotations

import gzip
import json
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[3]
CUSTOMERS, ORDERS = 400, 2600
ROWS = {"customer": CUSTOMERS, "orders": ORDERS}


def stage(lab: Any, bucket: str) -> None:
    """Customers in one packed file, orders in two files of which one is packed."""
    customers = "".join(f'I,{n},"Zoë ""{n}"",\nThe 2nd"\n' for n in range(CUSTOMERS))
    orders = [f"I,{n},{n % CUSTOMERS},note {n} {'x' * (n % 90)}\n" for n in range(ORDERS)]
    s3 = lab.client("s3")
    for name, content in {
        "customer/LOAD00000001.csv.gz": gzip.compress(customers.encode()),
        "orders/LOAD00000001.csv": "".join(orders[:2000]).encode(),
        "orders/LOAD00000002.csv.gz": gzip.compress("".join(orders[2000:]).encode()),
    }.items():
        s3.put_object(Bucket=bucket, Key=f"shop/r1/shop/{name}", Body=content)


def worker(lab: Any, bucket: str, *, die_at: int = 0) -> subprocess.Popen[str]:
    words = [lab.env["AWS_PROFILE"], lab.env["AWS_ENDPOINT_URL"], bucket, "0.01", json.dumps(ROWS), str(die_at)]
    return subprocess.Popen(
        [sys.executable, "-m", "tests.support.load_worker", *words],
        env=lab.env,
        cwd=REPOSITORY,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finish(process: subprocess.Popen[str]) -> dict[str, Any]:
    out, complaints = process.communicate(timeout=120)
    assert process.returncode == 0, complaints
    outcome: dict[str, Any] = json.loads(out)
    return outcome


def expected() -> dict[tuple[str, str], str]:
    customers = {(f"CUSTOMER#{n:010d}", "CUSTOMER"): f'Zoë "{n}",\nThe 2nd' for n in range(CUSTOMERS)}
    orders = {(f"CUSTOMER#{n % CUSTOMERS:010d}", f"ORDER#{n:010d}"): f"note {n} {'x' * (n % 90)}" for n in range(ORDERS)}
    return customers | orders


def scanned(lab: Any) -> dict[tuple[str, str], str]:
    pages = lab.client("dynamodb").get_paginator("scan").paginate(TableName="Shop")
    return {(i["PK"]["S"], i["SK"]["S"]): i.get("name", i.get("note"))["S"] for page in pages for i in page["Items"]}


def done_units(lab: Any, bucket: str) -> dict[str, str]:
    """Units that are done, with the etags of their documents."""
    s3 = lab.client("s3")
    listing = s3.list_objects_v2(Bucket=bucket, Prefix="state/shop/r1/units/full_load/").get("Contents", [])
    answers = {entry["Key"]: s3.get_object(Bucket=bucket, Key=entry["Key"]) for entry in listing}
    return {key: answer["ETag"] for key, answer in answers.items() if json.loads(answer["Body"].read())["state"] == "done"}


def throttle(lab: Any, fraction: float, requests: int) -> None:
    document = json.dumps({"table": "Shop", "fraction": fraction, "requests": requests, "seed": 7}).encode()
    switch = urllib.request.Request(f"{lab.env['AWS_ENDPOINT_URL']}/_lab/throttle", data=document, method="POST")  # noqa: S310 - our own lab
    with urllib.request.urlopen(switch) as answer:  # noqa: S310
        assert answer.status == 200


def test_staged_files_become_the_table_and_a_second_run_changes_nothing(lab: Any, bucket: str) -> None:
    stage(lab, bucket)
    outcome = finish(worker(lab, bucket))
    assert outcome["items"] == {"CUSTOMER": CUSTOMERS, "ORDER": ORDERS}
    assert (outcome["changed"], outcome["retried"]) == (True, 0)
    assert scanned(lab) == expected()
    before = done_units(lab, bucket)
    assert len(before) > 5
    again = finish(worker(lab, bucket))
    assert (again["changed"], again["tables"]) == (False, outcome["tables"])
    assert done_units(lab, bucket) == before


def test_throttling_costs_retries_and_no_item(lab: Any, bucket: str) -> None:
    stage(lab, bucket)
    throttle(lab, 0.5, 60)
    outcome = finish(worker(lab, bucket))
    assert outcome["retried"] > 100
    assert outcome["items"] == {"CUSTOMER": CUSTOMERS, "ORDER": ORDERS}
    assert scanned(lab) == expected()


def test_killed_again_and_again_it_continues_where_it_was(lab: Any, bucket: str) -> None:
    stage(lab, bucket)
    done: dict[str, str] = {}
    for die_at in (1, 1500, 1000):
        process = worker(lab, bucket, die_at=die_at)
        _, complaints = process.communicate(timeout=120)
        assert process.returncode == -signal.SIGKILL, complaints
        found = done_units(lab, bucket)
        assert done.items() <= found.items(), "a unit that was done was done again"
        done = found
    assert len(done) > 0
    assert len(scanned(lab)) < len(expected())
    outcome = finish(worker(lab, bucket))
    assert done.items() <= done_units(lab, bucket).items()
    assert [table["written"] for table in outcome["tables"]] == [CUSTOMERS, ORDERS]
    assert scanned(lab) == expected()
