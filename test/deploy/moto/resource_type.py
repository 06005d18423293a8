"""What a type of resources needs to be made in the moto that this process serves."""

import os
from typing import Any, Callable, NamedTuple

import boto3

Properties = dict[str, Any]


def client(service: str) -> Any:
    """Returns a client of the moto that this process serves."""
    url = f"http://127.0.0.1:{os.environ['MOTO_PORT']}"
    keys = {"aws_access_key_id": "cloudformation", "aws_secret_access_key": "not-checked-here"}
    return boto3.client(service, endpoint_url=url, region_name="us-east-1", **keys)


class Made(NamedTuple):
    """The value of `Ref`, and those of `Fn::GetAtt`."""

    ref: str
    attributes: dict[str, str] = {}


class Type(NamedTuple):
    create: Callable[[str, Properties], Made]
    update: Callable[[str, Properties], Any]
    delete: Callable[[str, Properties], Any]


def unchangeable(ref: str, properties: Properties) -> None:
    raise NotImplementedError(f"{ref} would be replaced, which nothing here does.")
