"""The types of a network."""

from resource_type import Made, Properties, Type, client, unchangeable


def create_route_table(_: str, properties: Properties) -> Made:
    tags = [{"ResourceType": "route-table", "Tags": properties["Tags"]}]
    made = client("ec2").create_route_table(VpcId=properties["VpcId"], TagSpecifications=tags)
    return Made(made["RouteTable"]["RouteTableId"])


def create_gateway(_: str, properties: Properties) -> Made:
    tags = [{"ResourceType": "internet-gateway", "Tags": properties["Tags"]}]
    made = client("ec2").create_internet_gateway(TagSpecifications=tags)
    return Made(made["InternetGateway"]["InternetGatewayId"])


def attach_gateway(_: str, properties: Properties) -> Made:
    client("ec2").attach_internet_gateway(**properties)
    return Made(f"IGW|{properties['VpcId']}")


NETWORK_TYPES: dict[str, Type] = {
    "AWS::EC2::InternetGateway": Type(
        create_gateway, unchangeable, lambda ref, _: client("ec2").delete_internet_gateway(InternetGatewayId=ref)
    ),
    "AWS::EC2::RouteTable": Type(
        create_route_table, unchangeable, lambda ref, _: client("ec2").delete_route_table(RouteTableId=ref)
    ),
    "AWS::EC2::SubnetRouteTableAssociation": Type(
        lambda _, properties: Made(client("ec2").associate_route_table(**properties)["AssociationId"]),
        unchangeable,
        lambda ref, _: client("ec2").disassociate_route_table(AssociationId=ref),
    ),
    "AWS::EC2::VPCGatewayAttachment": Type(
        attach_gateway, unchangeable, lambda _, properties: client("ec2").detach_internet_gateway(**properties)
    ),
}
