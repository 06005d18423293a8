"""Tells of each type that resource_types.py adds whether moto still lacks it or makes it wrong."""

from typing import Callable

from moto.cloudformation.parsing import get_model_map
from small_stacks import FUNCTION, ROLE, client, create_stack, physical_id


def lacks_type(name: str) -> Callable[[], bool]:
    return lambda: name not in get_model_map()


def loses_architecture() -> bool:
    create_stack({"Role": ROLE, "Function": FUNCTION})
    return client("lambda").get_function_configuration(FunctionName=physical_id("Function"))["Architectures"] != ["arm64"]


def can_not_describe_key() -> bool:
    create_stack({"Key": {"Type": "AWS::KMS::Key", "Properties": {"KeyPolicy": {"Version": "2012-10-17", "Statement": []}}}})
    try:
        client("kms").describe_key(KeyId=physical_id("Key"))
    except TypeError:
        return True
    return False


VPC = {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.0.0.0/16"}}
GATEWAY = {"Type": "AWS::EC2::InternetGateway", "Properties": {}}
TABLE = {"Type": "AWS::EC2::RouteTable", "Properties": {"VpcId": {"Ref": "Vpc"}}}
KEPT = {"DeletionPolicy": "Retain"}


def associates_no_subnet() -> bool:
    subnet = {"Type": "AWS::EC2::Subnet", "Properties": {"VpcId": {"Ref": "Vpc"}, "CidrBlock": "10.0.0.0/17"}}
    ends = {"RouteTableId": {"Ref": "Table"}, "SubnetId": {"Ref": "Subnet"}}
    association = {"Type": "AWS::EC2::SubnetRouteTableAssociation", "Properties": ends}
    create_stack({"Vpc": VPC, "Subnet": subnet, "Table": TABLE, "Association": association})
    table = client("ec2").describe_route_tables(RouteTableIds=[physical_id("Table")])["RouteTables"][0]
    return table["Associations"] == []


def leaves_cluster() -> bool:
    create_stack({"Cluster": {"Type": "AWS::ECS::Cluster", "Properties": {}}})
    client("cloudformation").delete_stack(StackName="Gap")
    arns = client("ecs").list_clusters()["clusterArns"]
    return any(one["status"] == "ACTIVE" for one in client("ecs").describe_clusters(clusters=arns)["clusters"])


def loses_task_role() -> bool:
    properties = {
        "Family": "gap",
        "TaskRoleArn": {"Fn::GetAtt": ["Role", "Arn"]},
        "ContainerDefinitions": [{"Name": "gap", "Image": "gap:1", "Memory": 128}],
    }
    create_stack({"Role": ROLE, "Task": {"Type": "AWS::ECS::TaskDefinition", "Properties": properties}})
    return "taskRoleArn" not in client("ecs").describe_task_definition(taskDefinition="gap")["taskDefinition"]


def leaves_route_table() -> bool:
    create_stack({"Vpc": {**VPC, **KEPT}, "Table": TABLE})
    before = len(client("ec2").describe_route_tables()["RouteTables"])
    client("cloudformation").delete_stack(StackName="Gap")
    return len(client("ec2").describe_route_tables()["RouteTables"]) == before


def leaves_gateway() -> bool:
    create_stack({"Gateway": GATEWAY})
    client("cloudformation").delete_stack(StackName="Gap")
    return client("ec2").describe_internet_gateways()["InternetGateways"] != []


def leaves_gateway_attached() -> bool:
    ends = {"InternetGatewayId": {"Ref": "Gateway"}, "VpcId": {"Ref": "Vpc"}}
    attachment = {"Type": "AWS::EC2::VPCGatewayAttachment", "Properties": ends}
    create_stack({"Vpc": {**VPC, **KEPT}, "Gateway": {**GATEWAY, **KEPT}, "Attachment": attachment})
    client("cloudformation").delete_stack(StackName="Gap")
    return any(gateway["Attachments"] for gateway in client("ec2").describe_internet_gateways()["InternetGateways"])


def loses_time_to_live() -> bool:
    properties = {
        "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
        "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
        "BillingMode": "PAY_PER_REQUEST",
        "TimeToLiveSpecification": {"AttributeName": "purgeAt", "Enabled": True},
    }
    create_stack({"Table": {"Type": "AWS::DynamoDB::Table", "Properties": properties}})
    described = client("dynamodb").describe_time_to_live(TableName=physical_id("Table"))
    return described["TimeToLiveDescription"]["TimeToLiveStatus"] != "ENABLED"


LACKING = [
    "AWS::ApiGatewayV2::Api",
    "AWS::ApiGatewayV2::Authorizer",
    "AWS::ApiGatewayV2::Integration",
    "AWS::ApiGatewayV2::Route",
    "AWS::ApiGatewayV2::Stage",
    "AWS::CloudWatch::Alarm",
    "AWS::Lambda::EventInvokeConfig",
    "AWS::SNS::Subscription",
    "AWS::SNS::TopicPolicy",
    "AWS::SQS::QueuePolicy",
    "AWS::Scheduler::Schedule",
    "AWS::SecretsManager::Secret",
]
TYPE_GAPS: dict[str, Callable[[], bool]] = {
    **{name: lacks_type(name) for name in LACKING},
    "AWS::DynamoDB::Table": loses_time_to_live,
    "AWS::ECS::Cluster": leaves_cluster,
    "AWS::ECS::TaskDefinition": loses_task_role,
    "AWS::EC2::InternetGateway": leaves_gateway,
    "AWS::EC2::RouteTable": leaves_route_table,
    "AWS::EC2::SubnetRouteTableAssociation": associates_no_subnet,
    "AWS::EC2::VPCGatewayAttachment": leaves_gateway_attached,
    "AWS::KMS::Key": can_not_describe_key,
    "AWS::Lambda::Function": loses_architecture,
}
