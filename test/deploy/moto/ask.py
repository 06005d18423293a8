"""Asks moto as AWS would be asked: boto3 reads the answers by AWS's own model of each service."""

import sys
from typing import Any, Iterator

import boto3

Row = tuple[str, dict[str, Any]]


def client(service: str) -> Any:
    keys = {"aws_access_key_id": "inventory", "aws_secret_access_key": "not-checked-here"}
    return boto3.client(service, endpoint_url=sys.argv[1], region_name="us-east-1", **keys)


def all_of(service: str, operation: str, key: str, **parameters: Any) -> Iterator[Any]:
    aws = client(service)
    if aws.can_paginate(operation):
        for page in aws.get_paginator(operation).paginate(**parameters):
            yield from page[key]
    else:
        yield from getattr(aws, operation)(**parameters)[key]


def pascal(value: Any) -> Any:
    """ECS and CloudWatch Logs write `logGroupName` where CloudFormation writes `LogGroupName`."""
    if isinstance(value, list):
        return [pascal(item) for item in value]
    if not isinstance(value, dict):
        return value
    verbatim = ("options", "dockerLabels")
    return {k[:1].upper() + k[1:]: v if k in verbatim else pascal(v) for k, v in value.items()}


def plain(service: str, operation: str, key: str, ident: str) -> Iterator[Row]:
    for one in all_of(service, operation, key):
        yield one[ident], one
