"""Prints as JSON which of the gaps in gaps.ts moto still has. Nothing closes them here: moto is as others wrote it."""

import json
from typing import Callable

from botocore.exceptions import ClientError
from moto import mock_aws
from moto.cloudformation.custom_model import CustomModel
from moto.cloudformation.parsing import ResourceMap
from open_type_gaps import TYPE_GAPS
from small_stacks import GROUP, client, create_stack


def deletes_no_custom_resource() -> bool:
    return not hasattr(CustomModel, "delete")


def deletes_in_no_order() -> bool:
    """Also true of a moto that deletes what the policy RetainExceptOnCreate retains."""
    names = [f"Group{n}" for n in range(9)]
    after = zip(names, [None, *names])
    kept = {**GROUP, "DeletionPolicy": "RetainExceptOnCreate"}
    create_stack({"Kept": kept, **{name: {**GROUP, **({"DependsOn": before} if before else {})} for name, before in after}})
    deleted: list[str] = []
    delete = ResourceMap._delete_resource
    ResourceMap._delete_resource = lambda self, one, source: (deleted.append(one.logical_resource_id), delete(self, one, source))[1]
    try:
        client("cloudformation").delete_stack(StackName="Gap")
    finally:
        ResourceMap._delete_resource = delete
    return deleted != names[::-1]


def loses_outputs() -> bool:
    template = {"Resources": {"Group": GROUP}, "Outputs": {"Name": {"Value": {"Ref": "Group"}}}}
    aws = client("cloudformation")
    aws.create_change_set(StackName="Gap", ChangeSetName="all", ChangeSetType="CREATE", TemplateBody=json.dumps(template))
    aws.execute_change_set(StackName="Gap", ChangeSetName="all")
    return not aws.describe_stacks(StackName="Gap")["Stacks"][0].get("Outputs")


def loses_previous_parameter() -> bool:
    client("ssm").put_parameter(Name="/version", Value="33", Type="String")
    parameters = {"Version": {"Type": "AWS::SSM::Parameter::Value<String>", "Default": "/version"}}
    aws = client("cloudformation")
    aws.create_stack(StackName="Gap", TemplateBody=json.dumps({"Parameters": parameters, "Resources": {"Group": GROUP}}))
    more = json.dumps({"Parameters": parameters, "Resources": {"Group": GROUP, "More": GROUP}})
    previous = {"ParameterKey": "Version", "UsePreviousValue": True}
    aws.create_change_set(StackName="Gap", ChangeSetName="more", ChangeSetType="UPDATE", TemplateBody=more, Parameters=[previous])
    try:
        aws.execute_change_set(StackName="Gap", ChangeSetName="more")
    except AttributeError:
        return True
    return False


def cuts_arn_of_log_group() -> bool:
    template = {"Resources": {"Group": GROUP}, "Outputs": {"Arn": {"Value": {"Fn::GetAtt": ["Group", "Arn"]}}}}
    client("cloudformation").create_stack(StackName="Gap", TemplateBody=json.dumps(template))
    [output] = client("cloudformation").describe_stacks(StackName="Gap")["Stacks"][0]["Outputs"]
    return not output["OutputValue"].endswith(":*")


def fails_at_unknown_change_set() -> bool:
    create_stack({"Group": GROUP})
    try:
        client("cloudformation").delete_change_set(StackName="Gap", ChangeSetName="unknown")
    except UnboundLocalError:
        return True
    return False


def lists_no_authorizers() -> bool:
    api = client("apigatewayv2").create_api(Name="gap", ProtocolType="HTTP")["ApiId"]
    try:
        client("apigatewayv2").get_authorizers(ApiId=api)
    except NotImplementedError:
        return True
    return False


def updates_no_stage() -> bool:
    api = client("apigatewayv2").create_api(Name="gap", ProtocolType="HTTP")["ApiId"]
    client("apigatewayv2").create_stage(ApiId=api, StageName="gap")
    try:
        client("apigatewayv2").update_stage(ApiId=api, StageName="gap", AutoDeploy=True)
    except NotImplementedError:
        return True
    return False


def ignores_conditions_of_bucket() -> bool:
    condition = {"Bool": {"aws:SecureTransport": "false"}}
    deny = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::gap/*", "Condition": condition}
    client("s3").create_bucket(Bucket="gap")
    client("s3").put_bucket_policy(Bucket="gap", Policy=json.dumps({"Version": "2012-10-17", "Statement": [deny]}))
    try:
        client("s3").put_object(Bucket="gap", Key="gap")  # over https
    except ClientError as error:
        return error.response["ResponseMetadata"]["HTTPStatusCode"] == 403
    return False


GAPS: dict[str, Callable[[], bool]] = {
    **TYPE_GAPS,
    "authorizers": lists_no_authorizers,
    "bucket policies": ignores_conditions_of_bucket,
    "custom resources": deletes_no_custom_resource,
    "deletion": deletes_in_no_order,
    "log group ARNs": cuts_arn_of_log_group,
    "outputs": loses_outputs,
    "previous parameters": loses_previous_parameter,
    "stages": updates_no_stage,
    "unknown change sets": fails_at_unknown_change_set,
}


def is_open(gap: Callable[[], bool]) -> bool:
    with mock_aws(config={"lambda": {"use_docker": False}}):
        return gap()


if __name__ == "__main__":
    print(json.dumps({name: is_open(gap) for name, gap in GAPS.items()}))
