# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""Stages over the real state bucket, and what status shows of them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.lab_migration import CONTRACT, landbridge, program, write_site


@pytest.fixture
def bucket(lab: Any) -> Iterator[str]:
    s3 = lab.client("s3")
    s3.create_bucket(Bucket="zz-shop-state", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    yield "zz-shop-state"
    for stored in s3.list_objects_v2(Bucket="zz-shop-state").get("Contents", []):
        s3.delete_object(Bucket="zz-shop-state", Key=stored["Key"])
    s3.delete_bucket(Bucket="zz-shop-state")


def status(lab: Any, site: Path) -> dict[str, Any]:
    done = landbridge(lab, "status", "--json", "--site", str(site))
    assert done.returncode == 0, done.stderr
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def test_before_anything_is_provisioned(lab: Any, site: Path) -> None:
    done = landbridge(lab, "status", "--site", str(site))
    assert done.returncode == 0
    assert done.stdout.startswith("nothing has run yet: there is no progress in s3://")
    done = landbridge(lab, "run", "replicate", "--site", str(site))
    assert done.returncode == 3
    assert "provision" in done.stderr


def test_a_run_is_frozen_once_and_guarded_after(lab: Any, site: Path, bucket: str, tmp_path: Path) -> None:
    first = landbridge(lab, "run", "replicate", "--site", str(site))
    again = landbridge(lab, "run", "replicate", "--site", str(site), "--json")
    assert (first.returncode, again.returncode) == (0, 0), first.stderr + again.stderr
    assert "are frozen for this run" in first.stdout
    assert json.loads(again.stdout) == {"stage": "replicate", "outcome": {"changed": False}}
    assert status(lab, site)["stages"]["replicate"]["outcome"] == {"changed": True}

    (tmp_path / "contract.yml").write_text(CONTRACT.replace("OWNER#{id", "O#{id"), encoding="utf-8")
    done = landbridge(lab, "run", "full_load", "--site", str(site))
    assert done.returncode == 5
    assert "the contract was changed after the run was begun" in done.stderr


def test_a_stage_out_of_order_says_which_comes_first(lab: Any, site: Path, bucket: str) -> None:
    assert "stage replicate first" in landbridge(lab, "run", "full_load", "--site", str(site)).stderr
    landbridge(lab, "run", "replicate", "--site", str(site))
    load = landbridge(lab, "run", "full_load", "--site", str(site))
    assert load.returncode == 3
    assert "no such replication task" in load.stderr
    progress = status(lab, site)["progress"]
    assert (progress["stage"], progress["state"], progress["error"]["exit_code"]) == ("full_load", "failed", 3)
    validate = landbridge(lab, "run", "validate", "--site", str(site), "--json")
    assert validate.returncode == 3
    assert "full_load" in json.loads(validate.stderr)["remedy"]


def test_watching_shows_the_state_until_interrupted(lab: Any, site: Path, bucket: str) -> None:
    landbridge(lab, "run", "replicate", "--site", str(site))
    command = program("cli", "status", "--watch", "--json", "--site", str(site))
    with subprocess.Popen(command, env=lab.env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as watch:
        assert watch.stdout
        assert watch.stderr
        lines = [watch.stdout.readline(), watch.stdout.readline()]
        watch.send_signal(signal.SIGINT)
        assert watch.wait(30) == 0
        assert "Traceback" not in watch.stderr.read()
    assert [json.loads(line)["progress"]["stage"] for line in lines] == ["replicate", "replicate"]


def test_one_worker_per_folder(lab: Any, site: Path, bucket: str, tmp_path: Path) -> None:
    """While a first worker waits for its contract, a second is refused; the first ends well once it has the text."""
    folder = tmp_path / "folder"
    command = program("worker", "--site", str(site), "--stage", "replicate", "--folder", str(folder))
    blocked = tmp_path / "contract.yml"
    content = blocked.read_text(encoding="utf-8")
    blocked.unlink()
    os.mkfifo(blocked)
    with subprocess.Popen(command, env=lab.env) as first:
        deadline = time.monotonic() + 60
        while not (folder / "worker.pid").exists() and time.monotonic() < deadline:
            time.sleep(0.05)
        second = subprocess.run(command, env=lab.env, capture_output=True, text=True, check=False)
        assert second.returncode == 5
        assert f"stage replicate, process {first.pid} since" in second.stderr
        blocked.write_text(content, encoding="utf-8")
        assert first.wait(60) == 0
    assert json.loads((folder / "result.json").read_text(encoding="utf-8"))["outcome"] == {"changed": True}
    assert not (folder / "worker.pid").exists()
    assert status(lab, site)["progress"]["worker"]["pid"] == first.pid


def test_the_report_needs_a_validation(lab: Any, site: Path, bucket: str, tmp_path: Path) -> None:
    done = landbridge(lab, "report", "--site", str(site), "--out", str(tmp_path / "report"))
    assert done.returncode == 3
    assert "run the stage validate first" in done.stderr
    assert not (tmp_path / "report").exists()


def test_a_live_contract_check(lab: Any, site: Path) -> None:
    done = landbridge(lab, "contract", "check", "--site", str(site), "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["live"] is True


def test_a_site_file_of_another_form(lab: Any, tables: None, tmp_path: Path) -> None:
    site = write_site(lab, tmp_path)
    site.write_text(site.read_text(encoding="utf-8").replace("region:", "regoin:"), encoding="utf-8")
    done = landbridge(lab, "status", "--site", str(site))
    assert done.returncode == 2
    assert f"{site}:" in done.stderr
    assert "regoin" in done.stderr
