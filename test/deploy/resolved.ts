/** The template of a deployed stack, with the names that its resources got. */
import * as v from 'valibot';
import { readTemplate } from '../../local/cloudformation/stack.ts';
import type { DeployedNames, Place, Template } from '../../local/cloudformation/template.ts';
import { accountId, region } from './cdk.ts';
import type { Inventory } from './inventory.ts';
import type { Deployed } from './set-up-deployment.ts';

export const stackName = 'Bastions';
export const place: Place = { region, accountId, stackName, apiUrl: '' };

const stackSchema = v.object({
  StackId: v.string(),
  Outputs: v.record(v.string(), v.string()),
  Resources: v.record(v.string(), v.object({ Type: v.string(), Id: v.nullable(v.string()) })),
});

export type DescribedStack = v.InferOutput<typeof stackSchema>;

export const describedStack = (inventory: Inventory): DescribedStack =>
  v.parse(stackSchema, inventory.stack?.[stackName]);

/** The property of the inventory that has an attribute's value. */
const attributes: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'AWS::ApiGatewayV2::Api': { ApiEndpoint: 'ApiEndpoint' },
  'AWS::DynamoDB::Table': { Arn: 'TableArn', StreamArn: 'LatestStreamArn' },
  'AWS::EC2::SecurityGroup': { GroupId: 'GroupId' },
  'AWS::ECS::Cluster': { Arn: 'ClusterArn' },
  'AWS::Events::Rule': { Arn: 'Arn' },
  'AWS::IAM::Role': { Arn: 'Arn', RoleId: 'RoleId' },
  'AWS::KMS::Key': { Arn: 'Arn' },
  'AWS::Lambda::Function': { Arn: 'FunctionArn' },
  'AWS::Logs::LogGroup': { Arn: 'Arn' },
  'AWS::SQS::Queue': { Arn: 'QueueArn' },
};

/** The names of a deployment. The services say the attributes, so they judge what CloudFormation has put into properties. */
export function namesIn(inventory: Inventory): DeployedNames {
  const { StackId, Resources } = describedStack(inventory);
  return {
    ref: (logicalId) => (logicalId === 'AWS::StackId' ? StackId : (Resources[logicalId]?.Id ?? undefined)),
    attribute: (logicalId, attribute) => {
      const { Type = '', Id } = Resources[logicalId] ?? {};
      if (attribute.endsWith('Name')) return Id?.split(/[/:]/).at(-1);
      const property = attributes[Type]?.[attribute];
      const value = inventory[Type]?.[Id ?? '']?.[property ?? ''];
      if (typeof value === 'string') return value;
      throw new Error(`The inventory has no ${attribute} of ${logicalId} (${Type}), which the template refers to.`);
    },
  };
}

export const resolvedTemplate = ({ assembly, inventory }: Deployed): Template =>
  readTemplate(assembly, place, namesIn(inventory));
