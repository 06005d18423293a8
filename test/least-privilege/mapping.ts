import * as v from 'valibot';

/** What AWS asks IAM: whether somebody may do this, to that, under these circumstances. */
export interface IamRequest {
  readonly action: string;
  readonly resource: string;
  readonly context: Readonly<Record<string, string | string[]>>;
}

/** What AWS knows when a call arrives. */
export interface Account {
  readonly region: string;
  readonly accountId: string;
  /** The security group, if it exists. */
  readonly findGroup: (
    id: string,
  ) => { readonly vpcId: string; readonly tags: ReadonlyMap<string, string> } | undefined;
  /** Tags of the task with this ARN; none when it is not there, or StopTask has taken them away. */
  readonly tagsOfTask: (arn: string) => ReadonlyMap<string, string>;
  /** ARNs of the task and the execution role that a task definition (by ARN) names. */
  readonly rolesOfDefinition: (arn: string) => readonly string[];
}

/** From an operation's input to everything that has to be allowed. */
export type Mapping = (input: unknown, account: Account) => readonly IamRequest[];

/** Takes an operation's input apart before it maps it. */
export const given =
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

/** Of a request that gives tags. */
export const requestTags = (tags: readonly (readonly [string, string])[]) => ({
  ...tagContext('RequestTag', tags),
  'aws:TagKeys': tags.map(([key]) => key),
});
