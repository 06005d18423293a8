"""What moto has of a network."""

from typing import Iterator

from ask import Row, all_of, client, plain


def vpcs() -> Iterator[Row]:
    for vpc in all_of("ec2", "describe_vpcs", "Vpcs"):
        def flag(attribute: str) -> bool:
            answer = client("ec2").describe_vpc_attribute(VpcId=vpc["VpcId"], Attribute=attribute[:1].lower() + attribute[1:])
            return answer[attribute]["Value"]

        yield vpc["VpcId"], {**vpc, **{name: flag(name) for name in ("EnableDnsHostnames", "EnableDnsSupport")}}


def routes() -> Iterator[Row]:
    for table in all_of("ec2", "describe_route_tables", "RouteTables"):
        for route in table["Routes"]:
            if route.get("GatewayId") != "local":
                ident = f"{table['RouteTableId']}~{route['DestinationCidrBlock']}"
                yield ident, {**route, "RouteTableId": table["RouteTableId"]}


def associations() -> Iterator[Row]:
    for table in all_of("ec2", "describe_route_tables", "RouteTables"):
        for association in table["Associations"]:
            if not association.get("Main"):
                yield association["RouteTableAssociationId"], association


def attachments() -> Iterator[Row]:
    for gateway in all_of("ec2", "describe_internet_gateways", "InternetGateways"):
        for attachment in gateway["Attachments"]:
            ident = gateway["InternetGatewayId"]
            yield f"IGW|{attachment['VpcId']}", {**attachment, "InternetGatewayId": ident}


def groups() -> Iterator[Row]:
    for group in all_of("ec2", "describe_security_groups", "SecurityGroups"):
        yield group["GroupId"], {**group, "GroupDescription": group["Description"]}


NETWORK = {
    "AWS::EC2::InternetGateway": lambda: plain(
        "ec2", "describe_internet_gateways", "InternetGateways", "InternetGatewayId"
    ),
    "AWS::EC2::Route": routes,
    "AWS::EC2::RouteTable": lambda: plain("ec2", "describe_route_tables", "RouteTables", "RouteTableId"),
    "AWS::EC2::SecurityGroup": groups,
    "AWS::EC2::Subnet": lambda: plain("ec2", "describe_subnets", "Subnets", "SubnetId"),
    "AWS::EC2::SubnetRouteTableAssociation": associations,
    "AWS::EC2::VPC": vpcs,
    "AWS::EC2::VPCGatewayAttachment": attachments,
}
