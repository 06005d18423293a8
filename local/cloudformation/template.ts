/**
 * A synthesized CloudFormation template with its intrinsic functions resolved. The id of a resource follows from its logical
 * id, so the same template always runs under the same names.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html
 */
import { createHash } from 'node:crypto';
import * as v from 'valibot';
import type { StackOutput, StackResource } from '../../emulator/cloudformation.ts';
import { streamLabel } from '../../emulator/dynamodb/stream.ts';

const templateSchema = v.object({
  Parameters: v.optional(v.record(v.string(), v.object({ Default: v.optional(v.unknown()) })), {}),
  Resources: v.record(
    v.string(),
    v.object({
      Type: v.string(),
      Properties: v.optional(v.record(v.string(), v.unknown()), {}),
      Metadata: v.optional(v.record(v.string(), v.unknown()), {}),
    }),
  ),
  Outputs: v.optional(v.record(v.string(), v.object({ Value: v.unknown(), Description: v.optional(v.string()) })), {}),
});

export interface Place {
  readonly region: string;
  readonly accountId: string;
  readonly stackName: string;
  /** The address of the HTTP API. */
  readonly apiUrl: string;
}

/** The names that the resources of a deployed stack have got. Undefined for what the stack does not know. */
export interface DeployedNames {
  /** The value of `Ref`, also of a pseudo parameter. */
  ref(logicalId: string): string | undefined;
  /** The value of `Fn::GetAtt`. */
  attribute(logicalId: string, attribute: string): string | undefined;
}

export interface Resource {
  readonly logicalId: string;
  readonly type: string;
  /** The value of `Ref`. */
  readonly ref: string;
  readonly properties: unknown;
  readonly metadata: Readonly<Record<string, unknown>>;
}

export class Template {
  readonly #place: Place;
  readonly #names: DeployedNames | undefined;
  readonly #template: v.InferOutput<typeof templateSchema>;

  /**
   * Without `names` the resources get names of the local run.
   *
   * Throws when `source` is not a template.
   */
  constructor(source: unknown, place: Place, names?: DeployedNames) {
    this.#template = v.parse(templateSchema, source);
    this.#place = place;
    this.#names = names;
  }

  /** The types of all resources, each once. */
  types(): string[] {
    return [...new Set(Object.values(this.#template.Resources).map(({ Type }) => Type))];
  }

  /** All resources of a type, with resolved properties. */
  resources(type: string): Resource[] {
    return Object.entries(this.#template.Resources)
      .filter(([, resource]) => resource.Type === type)
      .map(([logicalId, resource]) => ({
        logicalId,
        type,
        ref: this.#ref(logicalId),
        properties: this.#resolve(resource.Properties),
        metadata: resource.Metadata,
      }));
  }

  /** All resources as CloudFormation lists them. */
  listed(): StackResource[] {
    return Object.entries(this.#template.Resources).map(([logicalId, { Type: type }]) => ({
      logicalId,
      // A security group's `Ref` is its name here, and CloudFormation lists its id.
      physicalId: type === 'AWS::EC2::SecurityGroup' ? this.#attribute(logicalId, 'GroupId') : this.#ref(logicalId),
      type,
    }));
  }

  attribute(logicalId: string, attribute: string): string {
    return this.#attribute(logicalId, attribute);
  }

  /** All outputs, with resolved values. */
  outputs(): StackOutput[] {
    return Object.entries(this.#template.Outputs).map(([key, { Value, Description: description }]) => ({
      key,
      value: String(this.#resolve(Value)),
      ...(description !== undefined && { description }),
    }));
  }

  output(name: string): string {
    const output = this.#template.Outputs[name];
    if (!output)
      throw new Error(
        `The template has no output "${name}"; it has ${Object.keys(this.#template.Outputs).join(', ')}.`,
      );
    return String(this.#resolve(output.Value));
  }

  #resolve(value: unknown): unknown {
    if (Array.isArray(value)) return value.map((item) => this.#resolve(item));
    if (typeof value !== 'object' || value === null) return value;
    const entries = Object.entries(value);
    const [first] = entries;
    if (entries.length === 1 && first && (first[0] === 'Ref' || first[0].startsWith('Fn::')))
      return this.#intrinsic(...first);
    return Object.fromEntries(entries.map(([key, item]) => [key, this.#resolve(item)]));
  }

  #intrinsic(name: string, argument: unknown): unknown {
    switch (name) {
      case 'Ref':
        return this.#ref(v.parse(v.string(), argument));
      case 'Fn::GetAtt': {
        const [logicalId, attribute] = v.parse(v.tuple([v.string(), v.string()]), argument);
        return this.#attribute(logicalId, attribute);
      }
      case 'Fn::Join': {
        const [glue, parts] = v.parse(v.tuple([v.string(), v.array(v.unknown())]), argument);
        return parts.map((part) => String(this.#resolve(part))).join(glue);
      }
      case 'Fn::Select': {
        const [index, list] = v.parse(v.tuple([v.union([v.string(), v.number()]), v.unknown()]), argument);
        return v.parse(v.array(v.unknown()), this.#resolve(list))[Number(index)];
      }
      case 'Fn::Split': {
        const [separator, text] = v.parse(v.tuple([v.string(), v.unknown()]), argument);
        return String(this.#resolve(text)).split(separator);
      }
      case 'Fn::GetAZs':
        return ['a', 'b', 'c'].map((letter) => `${this.#place.region}${letter}`);
      case 'Fn::Sub':
        return this.#substitute(v.parse(v.string(), argument));
      default:
        throw new Error(
          `The template uses ${name}, which the local run does not know. Add it to local/cloudformation/template.ts.`,
        );
    }
  }

  #substitute(text: string): string {
    return text.replace(/\$\{([^!}][^}]*)\}/g, (_, name: string) => {
      const [logicalId = '', attribute] = name.split('.', 2);
      return attribute === undefined ? this.#ref(logicalId) : this.#attribute(logicalId, attribute);
    });
  }

  #ref(name: string): string {
    const deployed = this.#names?.ref(name);
    if (deployed !== undefined) return deployed;
    const { region, accountId, stackName } = this.#place;
    const pseudo: Readonly<Record<string, string>> = {
      'AWS::Region': region,
      'AWS::AccountId': accountId,
      'AWS::StackName': stackName,
      'AWS::StackId': `arn:aws:cloudformation:${region}:${accountId}:stack/${stackName}/local`,
      'AWS::Partition': 'aws',
      'AWS::URLSuffix': 'amazonaws.com',
    };
    const value = pseudo[name] ?? this.#template.Parameters[name]?.Default;
    if (value !== undefined) return String(value);
    const physical = `${stackName}-${name}`;
    switch (this.#type(name)) {
      case 'AWS::EC2::VPC':
        return `vpc-${hexId(name)}`;
      case 'AWS::EC2::Subnet':
        return `subnet-${hexId(name)}`;
      case 'AWS::Lambda::Function':
        return this.#givenName(name, 'FunctionName') ?? physical;
      case 'AWS::SQS::Queue':
        return `https://sqs.${region}.amazonaws.com/${accountId}/${physical}`;
      case 'AWS::SNS::Topic':
        return this.#arn('sns', physical);
      case 'AWS::SecretsManager::Secret':
        return this.#arn('secretsmanager', `secret:${this.#secretName(name)}-${hexId(name).slice(0, 6)}`);
      case 'AWS::ECS::TaskDefinition':
        return this.#arn('ecs', `task-definition/${this.#family(name)}:1`);
      default:
        return physical;
    }
  }

  #attribute(logicalId: string, attribute: string): string {
    const deployed = this.#names?.attribute(logicalId, attribute);
    if (deployed !== undefined) return deployed;
    const ref = this.#ref(logicalId);
    const type = this.#type(logicalId);
    if (attribute === 'Arn') {
      switch (type) {
        case 'AWS::Lambda::Function':
          return this.#arn('lambda', `function:${ref}`);
        case 'AWS::DynamoDB::Table':
        case 'AWS::DynamoDB::GlobalTable':
          return this.#arn('dynamodb', `table/${ref}`);
        case 'AWS::ECS::Cluster':
          return this.#arn('ecs', `cluster/${ref}`);
        case 'AWS::SQS::Queue':
          return this.#arn('sqs', ref.split('/').at(-1) ?? ref);
        case 'AWS::Logs::LogGroup':
          return this.#arn('logs', `log-group:${ref}:*`);
        case 'AWS::IAM::Role':
          return `arn:aws:iam::${this.#place.accountId}:role/${ref}`;
      }
    }
    if (type === 'AWS::EC2::SecurityGroup' && attribute === 'GroupId') return `sg-${hexId(logicalId)}`;
    if (type === 'AWS::ApiGatewayV2::Api' && attribute === 'ApiEndpoint') return this.#place.apiUrl;
    if (type === 'AWS::IAM::Role' && attribute === 'RoleId') return `AROA${hexId(logicalId).toUpperCase()}`;
    if (type === 'AWS::DynamoDB::Table' && attribute === 'StreamArn')
      return this.#arn('dynamodb', `table/${ref}/stream/${streamLabel}`);
    return `${ref}.${attribute}`;
  }

  #family(logicalId: string): string {
    const family = this.#template.Resources[logicalId]?.Properties.Family;
    return typeof family === 'string' ? family : logicalId;
  }

  /** CDK cuts a secret's name out of its ARN, which works for the form of CloudFormation's generated names. */
  #secretName(logicalId: string): string {
    return this.#givenName(logicalId, 'Name') ?? `${logicalId}-${hexId(logicalId).slice(0, 12)}`;
  }

  #givenName(logicalId: string, property: string): string | undefined {
    const name = this.#template.Resources[logicalId]?.Properties[property];
    return name === undefined ? undefined : String(this.#resolve(name));
  }

  #type(logicalId: string): string {
    const resource = this.#template.Resources[logicalId];
    if (!resource) throw new Error(`The template refers to "${logicalId}", which it does not define.`);
    return resource.Type;
  }

  #arn(service: string, resource: string): string {
    return `arn:aws:${service}:${this.#place.region}:${this.#place.accountId}:${resource}`;
  }
}

/** 17 hex digits, as in EC2's ids. */
const hexId = (logicalId: string): string => createHash('sha256').update(logicalId).digest('hex').slice(0, 17);
