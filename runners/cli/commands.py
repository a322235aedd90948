# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""What each command does. Every function gives the exit code; what it raises is told by the caller."""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import os
import socket
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from landbridge.adapters.clock import SystemClock
from landbridge.adapters.connections import Connections, load_contract, load_contract_file, load_site
from landbridge.adapters.html_report import render_html
from landbridge.checkpoint.documents import Documents
from landbridge.contract.checker import check_contract
from landbridge.contract.definition import Contract
from landbridge.errors import InvalidInput, LandbridgeError, NotFound
from landbridge.model.finding import Finding
from landbridge.model.progress import StageProgress
from landbridge.model.site import Site
from landbridge.monitor.progress import KIND, NAME, STAGE_KIND, stage_record
from landbridge.monitor.report import add_measurements, build_report
from landbridge.validate.stage import last_comparison

from .. import render
from ..stages import STAGES, run_stage, stage_named
from ..terminal import Ticker, to_stderr

_WATCH_SECONDS = 1.0


def version(options: argparse.Namespace) -> int:
    text = importlib.metadata.version("landbridge")
    _say(json.dumps({"version": text}) if options.json else f"landbridge {text}")
    return 0


def contract_check(options: argparse.Namespace) -> int:
    """Check a contract alone, or with the live source of a site."""
    site = load_site(options.site) if options.site else None
    if options.contract:
        contract = load_contract_file(options.contract)
    elif site:
        contract = load_contract(site)
    else:
        raise InvalidInput("there is neither a contract nor a site file", remedy="name the contract, or a site file with --site")
    found = check_contract(contract, None) if site is None else _check_live(contract, site)
    refused = sum(finding.severity == "refused" for finding in found)
    if options.json:
        _say_json({"contract": contract.file, "live": site is not None, "findings": [finding.to_json() for finding in found]})
    else:
        live = f" and its source {site.source.host}:{site.source.port}" if site else ""
        _say(f"{contract.file}{live}: {len(contract.entities)} entities of {len(contract.source_tables)} tables")
        _say(render.findings(found, color=_color()))
    return InvalidInput.exit_code if refused else 0


def _check_live(contract: Contract, site: Site) -> list[Finding]:
    with Connections(site, os.environ) as connections:
        return check_contract(contract, connections.source().tables(contract.schemas))


def run(options: argparse.Namespace) -> int:
    """Run one stage here and now."""
    stage_named(options.stage)
    site = load_site(_site_file(options))
    contract = load_contract(site)
    ticker = Ticker(to_stderr, SystemClock().monotonic, in_place=sys.stderr.isatty())
    worker = {"host": socket.gethostname(), "pid": os.getpid()}
    with Connections(site, os.environ) as connections:
        try:
            ending = run_stage(options.stage, connections, contract, _silent if options.json else ticker, lambda: False, worker)
        finally:
            ticker.end()
    if options.json:
        _say_json({"stage": options.stage, "outcome": ending.outcome})
    else:
        _say(render.outcome(options.stage, ending.outcome, color=_color()))
    if ending.refusal:
        raise ending.refusal
    return 0


def _silent(progress: StageProgress) -> None:
    """Machines read the result, not the way to it."""


def status(options: argparse.Namespace) -> int:
    """Show what goes on and how the stages ended."""
    site = load_site(_site_file(options))
    with Connections(site, os.environ) as connections:
        try:
            _show_state(connections, options)
            while options.watch:
                connections.clock.sleep(_WATCH_SECONDS)
                _show_state(connections, options)
        except KeyboardInterrupt:
            if not options.watch:
                raise
            # The way to end watching: no fault.
    return 0


def _show_state(connections: Connections, options: argparse.Namespace) -> None:
    progress, stages = _state(connections.documents)
    if options.json:
        _say_json({"progress": progress, "stages": stages})
    else:
        # On a terminal the picture is drawn over the last one.
        clear = "\033[H\033[J" if options.watch and sys.stdout.isatty() else ""
        place = f"s3://{connections.site.state.name}/{connections.site.state_prefix}/"
        _say(clear + render.status(progress, stages, connections.clock.now(), place=place, color=_color()))
    sys.stdout.flush()


def _state(documents: Documents) -> tuple[dict[str, Any] | None, dict[str, dict[str, Any]]]:
    try:
        progress = documents.read(NAME, KIND)
        stages = {name: documents.read(stage_record(name), STAGE_KIND) for name in STAGES}
    except NotFound:  # no state bucket yet
        return None, {}
    return progress.body if progress else None, {name: document.body for name, document in stages.items() if document}


def report(options: argparse.Namespace) -> int:
    """Write report.json and report.html."""
    site = load_site(_site_file(options))
    folder = Path(options.out)
    with Connections(site, os.environ) as connections:
        comparison = last_comparison(connections.documents)
        _run, stages = _state(connections.documents)
        document = build_report(
            comparison.entities,
            {name: float(one["seconds"]) for name, one in stages.items()},
            {},
            site,
            version=importlib.metadata.version("landbridge"),
            created_at=connections.clock.now().isoformat(timespec="seconds"),
            foreign=comparison.foreign,
        )
    if options.extra:
        extra = _read_extra(options.extra)
        document = add_measurements(document, extra.get("timings", {}), extra.get("rates", {}))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "report.json").write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        (folder / "report.html").write_text(render_html(document), encoding="utf-8")
    except OSError as error:
        raise LandbridgeError(f"the report cannot be written: {error.strerror}", place=str(error.filename or folder)) from error
    if options.json:
        _say_json(document)
    else:
        _say(render.parity(document["entities"], comparison.foreign, color=_color()))
        _say(f"report: {folder / 'report.html'}")
    return 0


def _read_extra(file: str) -> Mapping[str, Any]:
    remedy = 'it must hold {"timings": {name: seconds}, "rates": {name: rows per second}}'
    try:
        extra = json.loads(Path(file).read_text(encoding="utf-8"))
    except OSError as error:
        raise InvalidInput(f"the measurements cannot be read: {error.strerror}", place=file, remedy=remedy) from error
    except ValueError as error:
        raise InvalidInput(f"the measurements are not JSON: {error}", place=file, remedy=remedy) from error
    parts = [extra.get(name, {}) for name in ("timings", "rates")] if isinstance(extra, dict) else [None]
    if not all(isinstance(part, dict) and all(isinstance(value, int | float) for value in part.values()) for part in parts):
        raise InvalidInput("the measurements have another form", place=file, remedy=remedy)
    return dict(extra)


def _site_file(options: argparse.Namespace) -> str:
    if not options.site:
        raise InvalidInput("no site file is named", remedy="name it with --site, or in the environment variable LANDBRIDGE_SITE")
    return str(options.site)


def _color() -> bool:
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR")


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")


def _say_json(document: object) -> None:
    _say(json.dumps(document, ensure_ascii=False))
