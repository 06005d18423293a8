"""Closes moto's gaps in this process: importing it gives moto's CloudFormation what TYPES and BEHAVIOURS name."""

from typing import Any, Callable

from functions import Answers, invoke
from moto.awslambda.utils import get_backend
from moto.cloudformation.custom_model import CustomModel
from moto.cloudformation.exceptions import CloudFormationError
from moto.cloudformation.models import ChangeSet, CloudFormationBackend, OutputMap
from moto.cloudformation.parsing import ResourceMap, get_model_map, get_name_type_map
from moto.core.common_models import CloudFormationModel
from moto.logs.models import LogGroup
from moto.ssm import ssm_backends
from resource_type import Made, Properties, Type
from resource_types import TYPES


def register(name: str, type_: Type) -> None:
    class Resource(CloudFormationModel):
        __module__ = "moto.cloudformation.models"  # moto takes the name of the service from it

        def __init__(self, made: Made, properties: Properties):
            self.made = made
            self.properties = properties

        @property
        def physical_resource_id(self) -> str:
            return self.made.ref

        @staticmethod
        def cloudformation_type() -> str:
            return name

        @classmethod
        def has_cfn_attr(cls, attr: str) -> bool:
            return True

        def get_cfn_attribute(self, attribute: str) -> str:
            return self.made.attributes[attribute]

        def is_created(self) -> bool:
            return True

        @classmethod
        def create_from_cloudformation_json(cls, resource_name, cloudformation_json, account_id, region_name, **_):
            properties = cloudformation_json["Properties"]
            return cls(type_.create(resource_name, properties), properties)

        @classmethod
        def update_from_cloudformation_json(
            cls, original_resource, new_resource_name, cloudformation_json, account_id, region_name
        ):
            properties = cloudformation_json["Properties"]
            type_.update(original_resource.physical_resource_id, properties)
            return cls(original_resource.made, properties)

        def delete(self, account_id: str, region_name: str) -> None:
            type_.delete(self.physical_resource_id, self.properties)

    get_model_map()[name] = Resource
    get_name_type_map()[name] = ""


def run_custom_resources() -> None:
    answers = Answers()

    def request(kind: str, resource: CustomModel, account_id: str) -> None:
        function = get_backend(account_id, resource.region_name).get_function(resource.properties["ServiceToken"])
        event = {
            "RequestType": kind,
            "StackId": resource.stack_id,
            "ResourceType": resource.cf_resource_type,
            "LogicalResourceId": resource.logical_id,
            "ResourceProperties": resource.properties,
            **({} if kind == "Create" else {"PhysicalResourceId": resource.resource_name}),
        }
        answer = invoke(function.get_configuration(), function.code_bytes, event, answers)
        if answer["Status"] != "SUCCESS":
            raise RuntimeError(f"{resource.logical_id}: {kind} failed: {answer.get('Reason')}")
        resource.resource_name = answer["PhysicalResourceId"]
        resource.set_data(answer.get("Data", {}))

    def create(cls, resource_name, cloudformation_json, account_id, region_name, **kwargs) -> CustomModel:
        resource = CustomModel(region_name, "", kwargs["LogicalId"], resource_name)
        resource.cf_resource_type = kwargs["ResourceType"]
        resource.stack_id = kwargs["StackId"]
        resource.properties = cloudformation_json["Properties"]
        request("Create", resource, account_id)
        return resource

    def delete(self: CustomModel, account_id: str, region_name: str) -> None:
        request("Delete", self, account_id)

    CustomModel.create_from_cloudformation_json = classmethod(create)
    CustomModel.delete = delete


def dependencies(value: Any) -> set[str]:
    """The names that a resource of a template refers to."""
    if isinstance(value, list):
        return {name for item in value for name in dependencies(item)}
    if not isinstance(value, dict):
        return set()
    found = {name for item in value.values() for name in dependencies(item)}
    if isinstance(value.get("Ref"), str):
        found.add(value["Ref"])
    if isinstance(value.get("Fn::GetAtt"), list):
        found.add(value["Fn::GetAtt"][0])
    depends_on = value.get("DependsOn", [])
    return found | {depends_on} if isinstance(depends_on, str) else found | set(depends_on)


def in_order(resources: dict[str, Any]) -> list[str]:
    """The names of the resources, each after those that it depends on."""
    ordered: dict[str, None] = {}

    def visit(name: str) -> None:
        for other in sorted(dependencies(resources[name])):
            if other in resources and other != name and other not in ordered:
                visit(other)
        ordered[name] = None

    for name in resources:
        if name not in ordered:
            visit(name)
    return list(ordered)


def delete_in_order() -> None:
    def delete(self: ResourceMap) -> None:
        for name in reversed(in_order(self._resource_json_map)):
            resource_json = self._resource_json_map[name]
            resource = self._parsed_resources.pop(name, None)
            if resource is not None and resource_json.get("DeletionPolicy") not in ("Retain", "RetainExceptOnCreate"):
                self._delete_resource(resource, resource_json)

    ResourceMap.delete = delete


def keep_outputs() -> None:
    apply = ChangeSet.apply

    def apply_with_outputs(self: ChangeSet) -> None:
        apply(self)
        self.stack.template_dict = self.template_dict
        self.stack.output_map = OutputMap(self.stack.resource_map, self.template_dict, self.stack_id)

    ChangeSet.apply = apply_with_outputs


class ChangeSetNotFound(CloudFormationError):
    code = "ChangeSetNotFound"


def answer_for_unknown_change_sets() -> None:
    delete = CloudFormationBackend.delete_change_set
    describe = CloudFormationBackend.describe_change_set

    def knows(backend: CloudFormationBackend, name: str) -> bool:
        return any(name in (ident, one.change_set_name) for ident, one in backend.change_sets.items())

    def delete_known(self: CloudFormationBackend, change_set_name: str) -> None:
        if knows(self, change_set_name):
            delete(self, change_set_name)

    def describe_known(self: CloudFormationBackend, change_set_name: str) -> ChangeSet | None:
        if knows(self, change_set_name):
            return describe(self, change_set_name)
        raise ChangeSetNotFound(f"ChangeSet [{change_set_name}] does not exist")

    CloudFormationBackend.delete_change_set = delete_known
    CloudFormationBackend.describe_change_set = describe_known


def keep_previous_parameters() -> None:
    parse = ResourceMap.parse_ssm_parameter

    def parse_once(self: ResourceMap, value: str, value_type: str) -> str:
        # moto hands the value of a parameter on as the name of the next one.
        is_name = ssm_backends[self._account_id][self._region_name].get_parameter(value) is not None
        return parse(self, value, value_type) if is_name else value

    ResourceMap.parse_ssm_parameter = parse_once


def complete_arns_of_log_groups() -> None:
    attribute_of = LogGroup.get_cfn_attribute

    def complete(self: LogGroup, attribute: str) -> str:
        return attribute_of(self, attribute) + (":*" if attribute == "Arn" else "")

    LogGroup.get_cfn_attribute = complete


BEHAVIOURS: dict[str, Callable[[], None]] = {
    "custom resources": run_custom_resources,
    "deletion": delete_in_order,
    "log group ARNs": complete_arns_of_log_groups,
    "outputs": keep_outputs,
    "previous parameters": keep_previous_parameters,
    "unknown change sets": answer_for_unknown_change_sets,
}

for type_name, added_type in TYPES.items():
    register(type_name, added_type)
for close in BEHAVIOURS.values():
    close()
