"""Holds every operation of the emulated AWS to its parameters, by the models from which botocore writes its requests.

The input is JSON: the URL of an account, and the declared parameters of each operation, by service. Each parameter that AWS knows
and an operation does not declare is sent alone in a request. The output is JSON: how many there are, and those that were not
refused in words.
"""

import datetime
import json
import sys

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

request = json.load(sys.stdin)
config = Config(parameter_validation=False, retries={"total_max_attempts": 1})


def unwrap(shape):
    """Looks through lists and maps: the inner shape, the path of its members, and a function that wraps a value."""
    if shape.type_name == "list":
        inner, path, wrap = unwrap(shape.member)
        return inner, path, lambda value: [wrap(value)]
    if shape.type_name == "map":
        inner, path, wrap = unwrap(shape.value)
        return inner, (["*"] if inner.type_name == "structure" else []) + path, lambda value: {"*": wrap(value)}
    return shape, [], lambda value: value


def sample(shape, depth=0):
    if shape.type_name == "structure":
        for name, member in shape.members.items():
            if depth > 3:
                break
            inner, _, wrap = unwrap(member)
            return {name: wrap(sample(inner, depth + 1))}
        return {}
    samples = {"boolean": True, "integer": 1, "long": 1, "double": 1.0, "float": 1.0, "blob": b"{}"}
    samples["timestamp"] = datetime.datetime(2026, 1, 1)
    return samples.get(shape.type_name, "x")


def wire_name(service, name, member):
    if service != "ec2":
        return name
    location = member.serialization.get("name", name)
    return member.serialization.get("queryName", location[0].upper() + location[1:])


def parameters(service, shape, parent, request_with):
    """Yields the path of each member, its inner shape, and a function that makes a request with this member alone."""
    for name, member in shape.members.items():
        inner, path, wrap = unwrap(member)
        own_path = [*parent, wire_name(service, name, member)]

        def request_of(value, name=name, wrap=wrap):
            return request_with({name: wrap(value)})

        yield own_path, own_path + path, inner, request_of


def look(client, service, action, declared, shape, parent, request_with):
    for own_path, member_path, inner, request_of in parameters(service, shape, parent, request_with):
        path = ".".join(own_path)
        if path not in declared:
            yield path, refusal(client, action, request_of(sample(inner)))
        elif any(other.startswith(path + ".") for other in declared):
            yield from look(client, service, action, declared, inner, member_path, request_of)


def refusal(client, action, parameters):
    try:
        client._make_api_call(action, parameters)
        return "accepted"
    except ClientError as error:
        return f"{error.response['Error']['Code']}: {error.response['Error']['Message']}"


count = 0
unrefused = []
for service, operations in request["services"].items():
    client = boto3.client(service, endpoint_url=request["url"], config=config)
    # It looks into parameters that most of these requests lack, to choose between endpoints.
    client._ruleset_resolver = None
    for action, declared in operations.items():
        shape = client.meta.service_model.operation_model(action).input_shape
        if shape is None:
            continue
        in_url = {name: "x" for name, member in shape.members.items() if member.serialization.get("location") == "uri"}
        for path, answer in look(client, service, action, set(declared), shape, [], lambda one: {**in_url, **one}):
            count += 1
            if answer != f"NotEmulated: The emulated AWS has no parameter {path} of {service} {action}.":
                unrefused.append(f"{service} {action} {path}: {answer}")
json.dump({"count": count, "unrefused": unrefused}, sys.stdout)
