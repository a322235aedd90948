# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""The DMS API as botocore describes it: what comes in is checked against that description, what goes out is cut to it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from botocore.loaders import Loader
from botocore.model import ListShape, ServiceModel, Shape, StructureShape
from botocore.validate import ParamValidator

from lab.dms.faults import Fault

TARGET_PREFIX = "AmazonDMSv20160101"
# Members that the model marks as sensitive although they hold nothing secret and the service shows them.
SHOWN = frozenset({"CertificatePem"})
# Values that the documentation of a member allows and its enumeration lacks.
_MORE_VALUES = {"SourceType": ("replication-task",)}


@cache
def model() -> ServiceModel:
    return ServiceModel(Loader().load_service_model("dms", "service-2"))


@cache
def operation_names() -> frozenset[str]:
    return frozenset(model().operation_names)


def check_input(operation: str, params: Mapping[str, Any]) -> None:
    """Refuse members that are missing, unknown, of a wrong type or outside their enumeration. Raises Fault."""
    shape = model().operation_model(operation).input_shape
    if shape is not None:
        _check(shape, params)


def check_structure(name: str, value: Mapping[str, Any]) -> None:
    """The same for a structure that came in another way than as part of a call. Raises Fault."""
    _check(model().shape_for(name), value)


def member_types(structure: str) -> dict[str, str]:
    """The members of a structure with the names of their types: ``string``, ``integer``, ``boolean``..."""
    return {name: shape.type_name for name, shape in _structure(structure).members.items()}


def member_words(structure: str) -> dict[str, list[str]]:
    """The members of a structure that have an enumeration, with its words."""
    return {name: list(words) for name, shape in _structure(structure).members.items() if (words := shape.metadata.get("enum"))}


def _structure(name: str) -> StructureShape:
    shape = model().shape_for(name)
    if not isinstance(shape, StructureShape):
        raise TypeError(f"{name} is no structure")
    return shape


def _check(shape: Shape, params: Mapping[str, Any]) -> None:
    report = ParamValidator().validate(params, shape)
    problems = [report.generate_report()] if report.has_errors() else list(_enumeration_problems(shape, params, ""))
    if problems:
        raise Fault("ValidationException", f"{len(problems)} validation error(s) detected: " + "; ".join(problems))


def _enumeration_problems(shape: Shape, value: Any, place: str) -> list[str]:
    if isinstance(shape, StructureShape):
        return [p for name, v in value.items() for p in _enumeration_problems(shape.members[name], v, f"{place}.{name}".lstrip("."))]
    if isinstance(shape, ListShape):
        return [p for v in value for p in _enumeration_problems(shape.member, v, place)]
    allowed = [*shape.metadata.get("enum", ()), *_MORE_VALUES.get(shape.name, ())]
    # AWS takes the words of its guide (GZIP, SSE_S3) as well as those of its model (gzip, sse-s3).
    if allowed and value not in allowed and str(value).lower().replace("_", "-") not in allowed:
        return [f"Value '{value}' at '{place}' failed to satisfy constraint: Member must satisfy enum value set: {allowed}"]
    return []


def shape_output(operation: str, result: Mapping[str, Any]) -> dict[str, Any]:
    """The part of ``result`` that the operation's output may hold; a secret never is part of it."""
    shape = model().operation_model(operation).output_shape
    return {} if shape is None else _shaped(shape, result)


def _shaped(shape: Shape, value: Any) -> Any:
    if isinstance(shape, StructureShape):
        # Copied at once: another thread may be adding a member.
        known = {name: v for name, v in dict(value).items() if v is not None and name in shape.members}
        return {
            name: _shaped(shape.members[name], v)
            for name, v in known.items()
            if not shape.members[name].metadata.get("sensitive") or name in SHOWN
        }
    if isinstance(shape, ListShape):
        return [_shaped(shape.member, v) for v in value]
    return value
