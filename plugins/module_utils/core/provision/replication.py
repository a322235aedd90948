# SPDX-License-Identifier: BSD-2-Clause
# SPDX-FileCopyrightText: The Landbridge authors

"""The replication stack: the DMS instance, its endpoints and the full-load task of one run. It holds no data and may be deleted."""

from __future__ import annotations

import json
from typing import Any

from ..contract.definition import Contract
from ..errors import InvalidInput
from ..model.site import Site
from ..site.names import Names
from ..staging.profile import endpoint_settings
from .logical import logical_id
from .mappings import table_mappings, task_settings


def replication_template(site: Site, contract: Contract, *, source_ca_pem: str) -> dict[str, Any]:
    """The CloudFormation template as a dict. ``source_ca_pem``: content of the file ``replication.source.tls.ca``, or empty.

    Raises InvalidInput where TLS is asked for and no CA is given: DMS has no trust store of its own for MySQL.
    """
    names = Names(site)
    verified = site.replication.tls_mode != "none"
    if verified and not source_ca_pem:
        raise InvalidInput(
            f"replication.source.tls.mode is {site.replication.tls_mode}, but no CA certificate is given",
            place=site.file,
            remedy="name the PEM file of the CA that signed the source's certificate in replication.source.tls.ca",
        )
    # With the run in its logical id, a new run's task is a new one. Under one id CloudFormation would rename the finished task of the
    # former run, and it would count as finished for the new one.
    run = logical_id(site.run)
    task, staging = f"FullLoadTask{run}", f"StagingEndpoint{run}"
    resources: dict[str, Any] = {
        "SubnetGroup": _subnet_group(site, names),
        "Instance": _instance(site, names),
        "SourceEndpoint": _source_endpoint(site, contract, names, verified=verified),
        staging: _staging_endpoint(site, names),
        task: _full_load_task(site, contract, names, staging),
    }
    if verified:
        resources["SourceCertificate"] = {
            "Type": "AWS::DMS::Certificate",
            "Properties": {"CertificateIdentifier": names.certificate, "CertificatePem": source_ca_pem},
        }
    return {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": f"Landbridge, migration {site.migration}: replication through DMS",
        "Resources": resources,
        "Outputs": {"FullLoadTaskArn": {"Value": {"Ref": task}}},
    }


def _subnet_group(site: Site, names: Names) -> dict[str, Any]:
    return {
        "Type": "AWS::DMS::ReplicationSubnetGroup",
        "Properties": {
            "ReplicationSubnetGroupIdentifier": names.subnet_group,
            "ReplicationSubnetGroupDescription": f"Landbridge, migration {site.migration}",
            "SubnetIds": list(site.replication.subnet_ids),
        },
    }


def _instance(site: Site, names: Names) -> dict[str, Any]:
    properties: dict[str, Any] = {
        "ReplicationInstanceIdentifier": names.replication_instance,
        "ReplicationInstanceClass": site.replication.instance_class,
        "AllocatedStorage": site.replication.storage_gb,
        "MultiAZ": site.replication.multi_az,
        "PubliclyAccessible": False,
        "AutoMinorVersionUpgrade": False,
        "ReplicationSubnetGroupIdentifier": {"Ref": "SubnetGroup"},
    }
    if site.replication.security_group_ids:
        properties["VpcSecurityGroupIds"] = list(site.replication.security_group_ids)
    if site.replication.engine_version:
        properties["EngineVersion"] = site.replication.engine_version
    return {"Type": "AWS::DMS::ReplicationInstance", "Properties": properties}


def _source_endpoint(site: Site, contract: Contract, names: Names, *, verified: bool) -> dict[str, Any]:
    """Host, port, user and password come from the secret alone: DMS refuses a mixture of secret and clear text."""
    properties: dict[str, Any] = {
        "EndpointIdentifier": names.source_endpoint,
        "EndpointType": "source",
        "EngineName": contract.engine,
        "SslMode": site.replication.tls_mode,
        "MySqlSettings": {
            "SecretsManagerSecretId": site.replication.source_secret,
            "SecretsManagerAccessRoleArn": names.arn("iam", f"role/{names.secret_role}", region=False),
        },
    }
    if verified:
        properties["CertificateArn"] = {"Ref": "SourceCertificate"}
    return {"Type": "AWS::DMS::Endpoint", "Properties": properties}


def _staging_endpoint(site: Site, names: Names) -> dict[str, Any]:
    role_arn = names.arn("iam", f"role/{names.staging_role}", region=False)
    return {
        "Type": "AWS::DMS::Endpoint",
        "Properties": {
            "EndpointIdentifier": names.staging_endpoint,
            "EndpointType": "target",
            "EngineName": "s3",
            "S3Settings": endpoint_settings(site, role_arn=role_arn),
        },
    }


def _full_load_task(site: Site, contract: Contract, names: Names, staging: str) -> dict[str, Any]:
    return {
        "Type": "AWS::DMS::ReplicationTask",
        "Properties": {
            "ReplicationTaskIdentifier": names.full_load_task,
            "MigrationType": "full-load",
            "ReplicationInstanceArn": {"Ref": "Instance"},
            "SourceEndpointArn": {"Ref": "SourceEndpoint"},
            "TargetEndpointArn": {"Ref": staging},
            "TableMappings": json.dumps(table_mappings(contract), separators=(",", ":")),
            "ReplicationTaskSettings": json.dumps(task_settings(site), separators=(",", ":")),
        },
    }
