"""The types of resources that moto's CloudFormation lacks or makes wrong. moto has the services themselves, so each type makes
its resource by the service's own call, through boto3, which refuses a property that the call lacks."""

import json
from typing import Any

from network_types import NETWORK_TYPES
from resource_type import Made, Properties, Type, client, unchangeable


def create_table(name: str, properties: Properties) -> Made:
    parameters = {"TableName": name, **properties}
    time_to_live = parameters.pop("TimeToLiveSpecification", None)
    recovery = parameters.pop("PointInTimeRecoverySpecification", None)
    if "StreamSpecification" in parameters:
        parameters["StreamSpecification"] = {"StreamEnabled": True, **parameters["StreamSpecification"]}
    tables = client("dynamodb")
    table = tables.create_table(**parameters)["TableDescription"]
    ref = table["TableName"]
    if time_to_live is not None:
        tables.update_time_to_live(TableName=ref, TimeToLiveSpecification=time_to_live)
    if recovery is not None:
        tables.update_continuous_backups(TableName=ref, PointInTimeRecoverySpecification=recovery)
    return Made(ref, {"Arn": table["TableArn"], "StreamArn": table.get("LatestStreamArn", "")})


def camel(value: Any) -> Any:
    """ECS writes `logDriver` where CloudFormation writes `LogDriver`."""
    if isinstance(value, list):
        return [camel(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {k[:1].lower() + k[1:]: v if k == "Options" else camel(v) for k, v in value.items()}


def create_cluster(name: str, properties: Properties) -> Made:
    settings = camel(properties["ClusterSettings"])
    cluster = client("ecs").create_cluster(clusterName=name, settings=settings)["cluster"]
    return Made(name, {"Arn": cluster["clusterArn"]})


def register_task_definition(_: str, properties: Properties) -> Made:
    made = client("ecs").register_task_definition(**camel(properties))
    return Made(made["taskDefinition"]["taskDefinitionArn"])


def create_secret(name: str, properties: Properties) -> Made:
    secrets = client("secretsmanager")
    recipe = dict(properties["GenerateSecretString"])
    template, key = json.loads(recipe.pop("SecretStringTemplate")), recipe.pop("GenerateStringKey")
    template[key] = secrets.get_random_password(**recipe)["RandomPassword"]
    rest = {k: v for k, v in properties.items() if k != "GenerateSecretString"}
    # CloudFormation leaves the name of the stack out, and CDK relies on that.
    _, logical_id, suffix = name.rsplit("-", 2)
    made = secrets.create_secret(Name=f"{logical_id}-{suffix}", SecretString=json.dumps(template), **rest)
    return Made(made["ARN"])


def create_api(_: str, properties: Properties) -> Made:
    made = client("apigatewayv2").create_api(**properties)
    return Made(made["ApiId"], {"ApiId": made["ApiId"], "ApiEndpoint": made["ApiEndpoint"]})


def part_of_api(part: str, ident: str) -> Type:
    """An authorizer, an integration or a route of an HTTP API."""

    def call(verb: str, **parameters: Any):
        return getattr(client("apigatewayv2"), f"{verb}_{part}")(**parameters)

    return Type(
        lambda _, properties: Made(call("create", **properties)[ident]),
        lambda ref, properties: call("update", **{ident: ref}, **properties),
        lambda ref, properties: call("delete", ApiId=properties["ApiId"], **{ident: ref}),
    )


def set_policy(_: str, properties: Properties) -> Made:
    for url in properties["Queues"]:
        policy = {"Policy": json.dumps(properties["PolicyDocument"])}
        client("sqs").set_queue_attributes(QueueUrl=url, Attributes=policy)
    return Made(properties["Queues"][0] + "|policy")


def unset_policy(_: str, properties: Properties) -> None:
    for url in properties["Queues"]:
        client("sqs").set_queue_attributes(QueueUrl=url, Attributes={"Policy": ""})


def set_topic_policy(_: str, properties: Properties) -> Made:
    for arn in properties["Topics"]:
        policy = json.dumps(properties["PolicyDocument"])
        client("sns").set_topic_attributes(TopicArn=arn, AttributeName="Policy", AttributeValue=policy)
    return Made(properties["Topics"][0] + "|policy")


def put_alarm(name: str, properties: Properties) -> Made:
    named = {"AlarmName": name, **properties}
    client("cloudwatch").put_metric_alarm(**named)
    return Made(named["AlarmName"])


def create_schedule(name: str, properties: Properties) -> Made:
    named = {"Name": name, **properties}
    arn = client("scheduler").create_schedule(**named)["ScheduleArn"]
    return Made(named["Name"], {"Arn": arn})


def put_invoke_config(_: str, properties: Properties) -> Made:
    client("lambda").put_function_event_invoke_config(**properties)
    return Made(f"{properties['FunctionName']}|{properties['Qualifier']}")


def create_function(name: str, properties: Properties) -> Made:
    named = {"FunctionName": name, **properties}
    arn = client("lambda").create_function(**named)["FunctionArn"]
    return Made(named["FunctionName"], {"Arn": arn})


def update_function(name: str, properties: Properties) -> None:
    configuration = {"FunctionName": name, **properties}
    code = configuration.pop("Code")
    architectures = configuration.pop("Architectures")
    client("lambda").update_function_configuration(**configuration)
    client("lambda").update_function_code(FunctionName=name, Architectures=architectures, **code)


def create_key(_: str, properties: Properties) -> Made:
    made = client("kms").create_key(Description=properties["Description"], Policy=json.dumps(properties["KeyPolicy"]))
    key = made["KeyMetadata"]
    if properties["EnableKeyRotation"]:
        client("kms").enable_key_rotation(KeyId=key["KeyId"])
    return Made(key["KeyId"], {"Arn": key["Arn"]})


def put_key_policy(ref: str, properties: Properties) -> None:
    client("kms").put_key_policy(KeyId=ref, PolicyName="default", Policy=json.dumps(properties["KeyPolicy"]))


def create_stage(_: str, properties: Properties) -> Made:
    return Made(client("apigatewayv2").create_stage(**properties)["StageName"])


def replace_stage(ref: str, properties: Properties) -> None:
    client("apigatewayv2").delete_stage(ApiId=properties["ApiId"], StageName=ref)
    create_stage(ref, properties)


TYPES: dict[str, Type] = {
    **NETWORK_TYPES,
    "AWS::DynamoDB::Table": Type(
        create_table, unchangeable, lambda ref, _: client("dynamodb").delete_table(TableName=ref)
    ),
    "AWS::SecretsManager::Secret": Type(
        create_secret,
        unchangeable,
        lambda ref, _: client("secretsmanager").delete_secret(SecretId=ref, ForceDeleteWithoutRecovery=True),
    ),
    "AWS::ApiGatewayV2::Api": Type(
        create_api,
        lambda ref, properties: client("apigatewayv2").update_api(ApiId=ref, **properties),
        lambda ref, _: client("apigatewayv2").delete_api(ApiId=ref),
    ),
    "AWS::ApiGatewayV2::Authorizer": part_of_api("authorizer", "AuthorizerId"),
    "AWS::ApiGatewayV2::Integration": part_of_api("integration", "IntegrationId"),
    "AWS::ApiGatewayV2::Route": part_of_api("route", "RouteId"),
    "AWS::ApiGatewayV2::Stage": Type(
        create_stage,
        replace_stage,  # moto has no UpdateStage
        lambda ref, properties: client("apigatewayv2").delete_stage(ApiId=properties["ApiId"], StageName=ref),
    ),
    "AWS::SQS::QueuePolicy": Type(set_policy, set_policy, unset_policy),
    "AWS::SNS::TopicPolicy": Type(set_topic_policy, set_topic_policy, lambda ref, properties: None),
    "AWS::SNS::Subscription": Type(
        lambda _, properties: Made(client("sns").subscribe(**properties, ReturnSubscriptionArn=True)["SubscriptionArn"]),
        unchangeable,
        lambda ref, _: client("sns").unsubscribe(SubscriptionArn=ref),
    ),
    "AWS::Scheduler::Schedule": Type(
        create_schedule,
        lambda ref, properties: client("scheduler").update_schedule(**{"Name": ref, **properties}),
        lambda ref, _: client("scheduler").delete_schedule(Name=ref),
    ),
    "AWS::CloudWatch::Alarm": Type(
        put_alarm, put_alarm, lambda ref, _: client("cloudwatch").delete_alarms(AlarmNames=[ref])
    ),
    "AWS::ECS::Cluster": Type(
        create_cluster, unchangeable, lambda ref, _: client("ecs").delete_cluster(cluster=ref)
    ),
    "AWS::ECS::TaskDefinition": Type(
        register_task_definition,
        unchangeable,
        lambda ref, _: client("ecs").deregister_task_definition(taskDefinition=ref),
    ),
    "AWS::KMS::Key": Type(
        create_key, put_key_policy, lambda ref, _: client("kms").schedule_key_deletion(KeyId=ref)
    ),
    "AWS::Lambda::Function": Type(
        create_function, update_function, lambda ref, _: client("lambda").delete_function(FunctionName=ref)
    ),
    "AWS::Lambda::EventInvokeConfig": Type(
        put_invoke_config,
        put_invoke_config,
        lambda _, properties: client("lambda").delete_function_event_invoke_config(
            FunctionName=properties["FunctionName"]
        ),
    ),
}
