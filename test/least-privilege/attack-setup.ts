/** Builds attacks from everything that an intruder knows of a deployment. */
import type { Template } from '../../local/cloudformation/template.ts';
import type { Account, IamRequest } from './mapping.ts';
import { requestsOf } from './requests.ts';
import { may, place, type Role, rolesOfDefinitions, withoutHash } from './roles.ts';

export interface Attack {
  readonly name: string;
  /** The attack succeeds if all of them are allowed. */
  readonly requests: readonly IamRequest[];
  /** The names of the roles that may do this. Default: none. */
  readonly allowed?: readonly string[];
  /** Why they may, if it is not their task. */
  readonly reason?: string;
}

/** The roles of the functions that call `converge`. */
export const convergingRoles = [
  'FunctionsDrainRole',
  'FunctionsPoolRole',
  'FunctionsReaperRole',
  'FunctionsStartRole',
  'FunctionsTaskStoppedRole',
  'FunctionsTeardownRole',
  'FunctionsWebhookStartRole',
];
/** The roles that remove the handoffs of one side, or of both. */
export const removingHandoffs = {
  both: ['FunctionsDrainRole', 'FunctionsReaperRole', 'FunctionsTaskStoppedRole', 'FunctionsTeardownRole'],
  ssh: ['FunctionsPoolRole', 'FunctionsStartRole'],
  target: ['FunctionsWebhookStartRole'],
};
/** The roles of the functions that look whether a bastion's handoff is there. */
export const lookingRoles = ['FunctionsPoolRole', 'FunctionsReaperRole', 'FunctionsSessionsRole', 'FunctionsStartRole'];
/** The roles that remove tasks and groups: the ones above, and the sweeper's. */
export const removingRoles = [...convergingRoles, 'FunctionsSweeperRole'];
/** The roles of the functions that only change rows. */
export const changingRoles = ['FunctionsSessionsRole', 'FunctionsStopRole', 'FunctionsWebhookStopRole'];
/** The roles of the functions that read any single item. */
export const readingRoles = [...changingRoles, ...convergingRoles];
/** The roles of the functions that read sessions by the batch. */
export const batchingRoles = [...lookingRoles, 'FunctionsSweeperRole'];
/** The roles of the functions that make bastions. */
export const bastionRoles = ['FunctionsPoolRole', 'FunctionsStartRole'];
/** The roles of the functions that make sessions for somebody. */
export const claimingRoles = ['FunctionsStartRole', 'FunctionsWebhookStartRole'];
/** The roles of the functions that make sessions. */
export const startingRoles = ['FunctionsPoolRole', ...claimingRoles];
/** The roles of the functions that change who may connect. */
export const openingRoles = ['FunctionsReaperRole', 'FunctionsStartRole'];
/** The roles of the functions that authenticate a webhook's caller. */
export const authenticatingRoles = ['FunctionsWebhookStartRole', 'FunctionsWebhookStopRole'];

/** Each task's id to its tags. Other tasks have none. */
const taggedTasks = new Map([
  ['0123456789abcdef0123456789abcdef', new Map([['bastion:stack', place.stackName]])],
  ['e'.repeat(32), new Map([['bastion:stack', 'Other']])],
  ['f'.repeat(32), new Map([['bastion:keep', 'yes']])],
]);

export type AttackSetup = ReturnType<typeof setUpAttacks>;

export function setUpAttacks(template: Template) {
  const { region, accountId, stackName } = place;
  const find = (type: string, name: string) => {
    const resource = template.resources(type).find(({ logicalId }) => withoutHash(logicalId) === name);
    if (resource === undefined) throw new Error(`Got a template without ${name}, expected it among its ${type}.`);
    return resource;
  };
  const refOf = (type: string, name: string) => find(type, name).ref;
  const arnOf = (type: string, name: string) => template.attribute(find(type, name).logicalId, 'Arn');
  const idOf = (name: string) => template.attribute(find('AWS::IAM::Role', name).logicalId, 'RoleId');
  const vpc = refOf('AWS::EC2::VPC', 'NetworkVpc');
  const definitionOf = (kind: string) => refOf('AWS::ECS::TaskDefinition', `Agents${kind}TaskDefinition`);
  const definitionRoles = rolesOfDefinitions(template);
  const group = (...tags: [string, string][]) => ({ vpcId: vpc, tags: new Map(tags) });
  const groups = new Map([
    ['sg-0000000000000000a', group(['bastion:session', 'x'], ['bastion:stack', stackName])],
    ['sg-0000000000000000e', group(['bastion:stack', stackName], ['bastion:keep', 'yes'])],
    ['sg-0000000000000000b', group()],
    ['sg-0000000000000000c', group(['bastion:session', 'x'], ['bastion:stack', 'Other'])],
    ['sg-0000000000000000d', group(['bastion:session', 'x'])],
  ]);
  const account: Account = {
    region,
    accountId,
    tagsOfTask: (arn) => taggedTasks.get(arn.split('/').at(-1) ?? '') ?? new Map(),
    findGroup: (id) => groups.get(id),
    rolesOfDefinition: (arn) => definitionRoles.get(arn) ?? [],
  };
  const raw = (action: string, resource: string, context: IamRequest['context'] = {}): IamRequest[] => [
    { action, resource, context },
  ];
  const ourTags = (stack: string) => [
    { key: 'bastion:session', value: 'x' },
    { key: 'bastion:stack', value: stack },
  ];
  return {
    /** The requests to IAM of an API call, as the SDK would make it. */
    call: (service: string, action: string, input: object) => requestsOf({ service, action, input }, account),
    /** A request to IAM of an operation that this project does not call. */
    raw,
    pass: (role: string, service: string) =>
      raw('iam:PassRole', role, { 'iam:PassedToService': `${service}.amazonaws.com` }),
    tags: ourTags,
    specification: (stack: string) => [
      { ResourceType: 'security-group', Tag: ourTags(stack).map(({ key: Key, value: Value }) => ({ Key, Value })) },
    ],
    vpc,
    tasks: {
      ours: '0123456789abcdef0123456789abcdef',
      untagged: 'd'.repeat(32),
      others: 'e'.repeat(32),
      kept: 'f'.repeat(32),
    },
    cluster: refOf('AWS::ECS::Cluster', 'AgentsCluster'),
    definitions: {
      ssh: definitionOf('Ssh'),
      ssm: definitionOf('Ssm'),
      others: `arn:aws:ecs:${region}:${accountId}:task-definition/others:1`,
    },
    groups: {
      ours: 'sg-0000000000000000a',
      kept: 'sg-0000000000000000e',
      untagged: 'sg-0000000000000000b',
      others: 'sg-0000000000000000c',
      halfTagged: 'sg-0000000000000000d',
    },
    roles: {
      handoff: arnOf('AWS::IAM::Role', 'HandoffRole'),
      ssh: arnOf('AWS::IAM::Role', 'AgentsSshTaskRole'),
      start: arnOf('AWS::IAM::Role', 'FunctionsStartRole'),
      admin: `arn:aws:iam::${accountId}:role/admin`,
    },
    /** The unique ids with which the keys of handoffs begin. */
    roleIds: { target: idOf('HandoffRole'), ssh: idOf('AgentsSshTaskRole') },
    tables: {
      handoff: arnOf('AWS::DynamoDB::Table', 'HandoffTable'),
      sessions: arnOf('AWS::DynamoDB::Table', 'SessionsTable'),
    },
    secret: refOf('AWS::SecretsManager::Secret', 'WebhooksSecret'),
    failures: arnOf('AWS::SQS::Queue', 'TriggersFailures'),
    parameters: `arn:aws:ssm:${region}:${accountId}:parameter`,
    functions: template
      .resources('AWS::Lambda::Function')
      .map(({ logicalId }) => ({ name: withoutHash(logicalId), arn: template.attribute(logicalId, 'Arn') })),
  };
}

/** The names of the roles for which an attack succeeds, sorted. */
export async function rolesAllowing(roles: readonly Role[], { requests }: Attack): Promise<string[]> {
  const names: string[] = [];
  for (const role of roles) {
    const answers = await Promise.all(requests.map((request) => may(role, request)));
    if (requests.length > 0 && answers.every(Boolean)) names.push(role.name);
  }
  return names.sort();
}
