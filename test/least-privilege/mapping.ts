import * as v from 'valibot';

/** AWS's question to IAM: may this caller do this action, on this resource, in this context? */
export interface IamRequest {
  readonly action: string;
  readonly resource: string;
  readonly context: Readonly<Record<string, string | string[]>>;
}

/** The state of the account that AWS knows when a call arrives. */
export interface Account {
  readonly region: string;
  readonly accountId: string;
  /** The security group; undefined if there is none. */
  readonly findGroup: (
    id: string,
  ) => { readonly vpcId: string; readonly tags: ReadonlyMap<string, string> } | undefined;
  /** The tags of the task with this ARN. There are none if it does not exist, or StopTask has taken them away. */
  readonly tagsOfTask: (arn: string) => ReadonlyMap<string, string>;
  /** ARNs of the task and the execution role that a task definition (by ARN) names. */
  readonly rolesOfDefinition: (arn: string) => readonly string[];
}

/** Maps an operation's input to all requests that IAM has to allow. */
export type Mapping = (input: unknown, account: Account) => readonly IamRequest[];

/** A mapping that parses the operation's input first. */
export const mapping =
  <Schema extends v.GenericSchema>(
    schema: Schema,
    map: (input: v.InferOutput<Schema>, account: Account) => readonly IamRequest[],
  ): Mapping =>
  (input, account) =>
    map(v.parse(schema, input), account);

export const arn = ({ region, accountId }: Account, service: string, resource: string): string =>
  `arn:aws:${service}:${region}:${accountId}:${resource}`;

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/access_tags.html */
export const tagContext = (kind: 'RequestTag' | 'ResourceTag', tags: Iterable<readonly [string, string]>) =>
  Object.fromEntries([...tags].map(([key, value]) => [`aws:${kind}/${key}`, value]));

/** The context of a request that sets tags. */
export const requestTags = (tags: readonly (readonly [string, string])[]) => ({
  ...tagContext('RequestTag', tags),
  'aws:TagKeys': tags.map(([key]) => key),
});
