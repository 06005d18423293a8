"""Prints everything in moto as JSON: each resource's properties, in CloudFormation's words, by type and id."""

import json
import sys
from base64 import b64encode
from hashlib import sha256
from typing import Iterator

from ask import Row, all_of, client, pascal, plain
from network_inventory import NETWORK


def tables() -> Iterator[Row]:
    for name in all_of("dynamodb", "list_tables", "TableNames"):
        table = client("dynamodb").describe_table(TableName=name)["Table"]
        time_to_live = client("dynamodb").describe_time_to_live(TableName=name)["TimeToLiveDescription"]
        backups = client("dynamodb").describe_continuous_backups(TableName=name)["ContinuousBackupsDescription"]
        recovery = backups["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"]
        yield name, {
            **table,
            "BillingMode": table.get("BillingModeSummary", {}).get("BillingMode"),
            "TimeToLiveSpecification": {
                "Enabled": time_to_live["TimeToLiveStatus"] == "ENABLED",
                "AttributeName": time_to_live.get("AttributeName"),
            },
            "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": recovery == "ENABLED"},
        }


def roles() -> Iterator[Row]:
    for role in all_of("iam", "list_roles", "Roles"):
        attached = all_of("iam", "list_attached_role_policies", "AttachedPolicies", RoleName=role["RoleName"])
        yield role["RoleName"], {**role, "ManagedPolicyArns": [policy["PolicyArn"] for policy in attached]}


def policies() -> Iterator[Row]:
    """The policies of roles. Their names are unique in their role alone."""
    for role in all_of("iam", "list_roles", "Roles"):
        for name in all_of("iam", "list_role_policies", "PolicyNames", RoleName=role["RoleName"]):
            policy = client("iam").get_role_policy(RoleName=role["RoleName"], PolicyName=name)
            yield f"{role['RoleName']}|{name}", {
                "PolicyName": name,
                "PolicyDocument": policy["PolicyDocument"],
                "Roles": [role["RoleName"]],
            }


def functions() -> Iterator[Row]:
    places = {properties["Sha256"]: place.split("/") for place, properties in files()}
    for function in all_of("lambda", "list_functions", "Functions"):
        name = function["FunctionName"]
        configuration = client("lambda").get_function(FunctionName=name)["Configuration"]
        bucket, key = places[configuration["CodeSha256"]]
        yield name, {**configuration, "Code": {"S3Bucket": bucket, "S3Key": key}}


def invoke_configs() -> Iterator[Row]:
    for function in all_of("lambda", "list_functions", "Functions"):
        name = function["FunctionName"]
        configs = all_of("lambda", "list_function_event_invoke_configs", "FunctionEventInvokeConfigs", FunctionName=name)
        for config in configs:
            qualifier = config["FunctionArn"].partition(f":{name}:")[2] or "$LATEST"
            yield f"{name}|{qualifier}", {**config, "FunctionName": name, "Qualifier": qualifier}


def permissions() -> Iterator[Row]:
    for function in all_of("lambda", "list_functions", "Functions"):
        aws = client("lambda")
        try:
            policy = json.loads(aws.get_policy(FunctionName=function["FunctionName"])["Policy"])
        except aws.exceptions.ResourceNotFoundException:
            continue
        for statement in policy["Statement"]:
            arn = statement.get("Condition", {}).get("ArnLike", {}).get("AWS:SourceArn")
            account = statement.get("Condition", {}).get("StringEquals", {}).get("AWS:SourceAccount")
            yield f"{function['FunctionName']}|{statement['Sid']}", {
                "Action": statement["Action"],
                "FunctionName": function["FunctionArn"],
                "Principal": statement["Principal"]["Service"],
                "SourceArn": arn,
                "SourceAccount": account,
            }


def mappings() -> Iterator[Row]:
    for mapping in all_of("lambda", "list_event_source_mappings", "EventSourceMappings"):
        yield mapping["UUID"], {**mapping, "FunctionName": mapping["FunctionArn"].rsplit(":", 1)[1]}


def task_definitions() -> Iterator[Row]:
    for arn in all_of("ecs", "list_task_definitions", "taskDefinitionArns"):
        described = client("ecs").describe_task_definition(taskDefinition=arn, include=["TAGS"])
        yield arn, pascal(described["taskDefinition"])


def clusters() -> Iterator[Row]:
    arns = list(all_of("ecs", "list_clusters", "clusterArns"))
    for cluster in client("ecs").describe_clusters(clusters=arns, include=["SETTINGS", "TAGS"])["clusters"]:
        if cluster["status"] == "INACTIVE":  # deleted, and shown for a while
            continue
        yield cluster["clusterName"], {**pascal(cluster), "ClusterSettings": pascal(cluster.get("settings"))}


def queues() -> Iterator[Row]:
    for url in client("sqs").list_queues().get("QueueUrls", []):
        attributes = client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
        # moto puts its own address into the URL. CloudFormation has AWS's.
        yield url.replace(sys.argv[1], "https://sqs.us-east-1.amazonaws.com"), attributes


def queue_policies() -> Iterator[Row]:
    for url, attributes in queues():
        if attributes.get("Policy"):
            yield f"{url}|policy", {"PolicyDocument": json.loads(attributes["Policy"]), "Queues": [url]}


def rules() -> Iterator[Row]:
    for rule in all_of("events", "list_rules", "Rules"):
        targets = list(all_of("events", "list_targets_by_rule", "Targets", Rule=rule["Name"]))
        yield rule["Name"], {**rule, "EventPattern": json.loads(rule["EventPattern"]), "Targets": targets}


def schedules() -> Iterator[Row]:
    for schedule in all_of("scheduler", "list_schedules", "Schedules"):
        yield schedule["Name"], client("scheduler").get_schedule(Name=schedule["Name"])


def of_apis(operation: str, ident: str) -> Iterator[Row]:
    for api in all_of("apigatewayv2", "get_apis", "Items"):
        for part in all_of("apigatewayv2", operation, "Items", ApiId=api["ApiId"]):
            yield part[ident], {**part, "ApiId": api["ApiId"]}


def authorizers() -> Iterator[Row]:
    """The authorizers that a route names."""
    for _, route in of_apis("get_routes", "RouteId"):
        ident = route.get("AuthorizerId")
        if ident is not None:
            found = client("apigatewayv2").get_authorizer(ApiId=route["ApiId"], AuthorizerId=ident)
            yield ident, {**found, "ApiId": route["ApiId"]}


def topics() -> Iterator[Row]:
    for topic in all_of("sns", "list_topics", "Topics"):
        yield topic["TopicArn"], client("sns").get_topic_attributes(TopicArn=topic["TopicArn"])["Attributes"]


def topic_policies() -> Iterator[Row]:
    for arn, attributes in topics():
        policy = json.loads(attributes["Policy"])
        if policy.get("Id") != "__default_policy_ID":
            yield f"{arn}|policy", {"PolicyDocument": policy, "Topics": [arn]}


def keys() -> Iterator[Row]:
    for key in all_of("kms", "list_keys", "Keys"):
        ident = key["KeyId"]
        described = client("kms").describe_key(KeyId=ident)["KeyMetadata"]
        if described["KeyState"] == "PendingDeletion":
            continue
        yield ident, {
            **described,
            "EnableKeyRotation": client("kms").get_key_rotation_status(KeyId=ident)["KeyRotationEnabled"],
            "KeyPolicy": json.loads(client("kms").get_key_policy(KeyId=ident, PolicyName="default")["Policy"]),
        }


def dashboards() -> Iterator[Row]:
    for entry in all_of("cloudwatch", "list_dashboards", "DashboardEntries"):
        name = entry["DashboardName"]
        yield name, client("cloudwatch").get_dashboard(DashboardName=name)


def stacks() -> Iterator[Row]:
    for stack in all_of("cloudformation", "describe_stacks", "Stacks"):
        name = stack["StackName"]
        resources = all_of("cloudformation", "list_stack_resources", "StackResourceSummaries", StackName=name)
        yield name, {
            "StackId": stack["StackId"],
            "Outputs": {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])},
            "Resources": {
                one["LogicalResourceId"]: {"Type": one["ResourceType"], "Id": one.get("PhysicalResourceId")}
                for one in resources
            },
        }


def files() -> Iterator[Row]:
    for bucket in client("s3").list_buckets()["Buckets"]:
        for page in client("s3").get_paginator("list_objects_v2").paginate(Bucket=bucket["Name"]):
            for file in page.get("Contents", []):
                content = client("s3").get_object(Bucket=bucket["Name"], Key=file["Key"])["Body"].read()
                yield f"{bucket['Name']}/{file['Key']}", {"Sha256": b64encode(sha256(content).digest()).decode()}


def images() -> Iterator[Row]:
    for repository in all_of("ecr", "describe_repositories", "repositories"):
        for image in all_of("ecr", "describe_images", "imageDetails", repositoryName=repository["repositoryName"]):
            for tag in image["imageTags"]:
                yield f"{repository['repositoryUri']}:{tag}", pascal(image)


def log_groups() -> Iterator[Row]:
    for group in all_of("logs", "describe_log_groups", "logGroups"):
        yield group["logGroupName"], pascal(group)


TYPES = {
    **NETWORK,
    "stack": stacks,
    "file": files,
    "image": images,
    "AWS::ApiGatewayV2::Api": lambda: plain("apigatewayv2", "get_apis", "Items", "ApiId"),
    "AWS::ApiGatewayV2::Authorizer": authorizers,
    "AWS::ApiGatewayV2::Integration": lambda: of_apis("get_integrations", "IntegrationId"),
    "AWS::ApiGatewayV2::Route": lambda: of_apis("get_routes", "RouteId"),
    "AWS::ApiGatewayV2::Stage": lambda: of_apis("get_stages", "StageName"),
    "AWS::CloudWatch::Alarm": lambda: plain("cloudwatch", "describe_alarms", "MetricAlarms", "AlarmName"),
    "AWS::CloudWatch::Dashboard": dashboards,
    "AWS::DynamoDB::Table": tables,
    "AWS::ECS::Cluster": clusters,
    "AWS::ECS::TaskDefinition": task_definitions,
    "AWS::Events::Rule": rules,
    "AWS::IAM::Policy": policies,
    "AWS::IAM::Role": roles,
    "AWS::KMS::Key": keys,
    "AWS::Lambda::EventInvokeConfig": invoke_configs,
    "AWS::Lambda::EventSourceMapping": mappings,
    "AWS::Lambda::Function": functions,
    "AWS::Lambda::Permission": permissions,
    "AWS::Logs::LogGroup": log_groups,
    "AWS::SNS::Subscription": lambda: plain("sns", "list_subscriptions", "Subscriptions", "SubscriptionArn"),
    "AWS::SNS::Topic": topics,
    "AWS::SNS::TopicPolicy": topic_policies,
    "AWS::SQS::Queue": queues,
    "AWS::SQS::QueuePolicy": queue_policies,
    "AWS::Scheduler::Schedule": schedules,
    "AWS::SecretsManager::Secret": lambda: plain("secretsmanager", "list_secrets", "SecretList", "ARN"),
}

if __name__ == "__main__":
    inventory = {name: dict(rows()) for name, rows in TYPES.items()}
    for found in inventory.values():
        for properties in found.values():
            properties.pop("ResponseMetadata", None)
    print(json.dumps(inventory, default=str))
