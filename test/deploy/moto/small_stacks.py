"""Stacks in which moto, as it is, shows a gap."""

import json
from typing import Any

import boto3

FUNCTION = {
    "Type": "AWS::Lambda::Function",
    "Properties": {
        "Architectures": ["arm64"],
        "Code": {"ZipFile": "exports.handler = () => {}"},
        "Handler": "index.handler",
        "Role": {"Fn::GetAtt": ["Role", "Arn"]},
        "Runtime": "nodejs22.x",
    },
}
ROLE = {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": []}}}
GROUP = {"Type": "AWS::Logs::LogGroup", "Properties": {}}


def client(service: str) -> Any:
    keys = {"aws_access_key_id": "gaps", "aws_secret_access_key": "not-checked-here"}
    return boto3.client(service, region_name="us-east-1", **keys)


def create_stack(resources: dict[str, Any]) -> None:
    client("cloudformation").create_stack(StackName="Gap", TemplateBody=json.dumps({"Resources": resources}))


def physical_id(name: str) -> str:
    resource = client("cloudformation").describe_stack_resource(StackName="Gap", LogicalResourceId=name)
    return resource["StackResourceDetail"]["PhysicalResourceId"]
