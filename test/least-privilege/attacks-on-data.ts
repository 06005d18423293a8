/** Attacks on what is stored: sessions, claims, notes, handoffs, secrets and keys. */

import {
  type Attack,
  type AttackSetup,
  authenticatingRoles,
  bastionRoles,
  batchingRoles,
  changingRoles,
  claimingRoles,
  convergingRoles,
  lookingRoles,
  readingRoles,
  removingHandoffs,
  startingRoles,
} from './attack-setup.ts';
import type { IamRequest } from './mapping.ts';

export function onSessions({ call, raw, tables }: AttackSetup): Attack[] {
  const TableName = tables.sessions.split('/').at(-1);
  const write = (S: string) => call('dynamodb', 'PutItem', { TableName, Item: { pk: { S } } });
  const keysOf = (key: string) => ({ 'dynamodb:LeadingKeys': [key] });
  const remove = (S: string) => call('dynamodb', 'DeleteItem', { TableName, Key: { pk: { S } } });
  const usePlaces = (group: string) => raw('dynamodb:UpdateItem', tables.sessions, keysOf(`places#${group}`));
  const placingRoles = (...starters: string[]) => [...removingHandoffs.both, ...starters];
  return [
    {
      name: 'read a session',
      requests: call('dynamodb', 'GetItem', { TableName, Key: { pk: { S: 'session#x' } } }),
      allowed: readingRoles,
    },
    { name: 'read an item without a key', requests: raw('dynamodb:GetItem', tables.sessions), allowed: readingRoles },
    {
      name: 'read the note of an orphan',
      requests: call('dynamodb', 'GetItem', { TableName, Key: { pk: { S: 'orphan#x' } } }),
      allowed: [...readingRoles, 'FunctionsSweeperRole'],
    },
    { name: 'write a session', requests: write('session#x'), allowed: [...changingRoles, ...convergingRoles] },
    { name: 'write oneself a claim', requests: write('claim#user#x'), allowed: claimingRoles },
    { name: 'note an orphan', requests: write('orphan#x'), allowed: ['FunctionsSweeperRole'] },
    { name: 'say that a signature has been used', requests: write('signature#x'), allowed: authenticatingRoles },
    { name: 'write an item of another type', requests: write('other#x') },
    { name: 'write an item without a key', requests: raw('dynamodb:PutItem', tables.sessions) },
    { name: 'remove a session', requests: remove('session#x'), allowed: startingRoles },
    { name: 'remove a claim', requests: remove('claim#user#x'), allowed: convergingRoles },
    { name: 'forget an orphan', requests: remove('orphan#x') },
    { name: 'have a signature accepted again', requests: remove('signature#x') },
    { name: 'remove an item without a key', requests: raw('dynamodb:DeleteItem', tables.sessions) },
    { name: 'change an item without a key', requests: raw('dynamodb:UpdateItem', tables.sessions) },
    { name: 'use up the places of people', requests: usePlaces('people'), allowed: placingRoles(...bastionRoles) },
    {
      name: 'use up the places of targets',
      requests: usePlaces('targets'),
      allowed: placingRoles('FunctionsWebhookStartRole'),
    },
    { name: 'change an item in place', requests: raw('dynamodb:UpdateItem', tables.sessions, keysOf('session#x')) },
    { name: 'write a batch of items', requests: raw('dynamodb:BatchWriteItem', tables.sessions, keysOf('session#x')) },
  ];
}

/** Both roles have the same policy, which names `aws:userid`. AWS begins that with the id of the task's own role. */
const taskRoles = ['AgentsSshTaskRole', 'HandoffRole'];

/** The two kinds of tasks. Each has a role of its own, and each side's start functions write its handoffs. */
const sides = {
  ssh: { whose: 'a bastion', starters: bastionRoles, lookers: lookingRoles },
  target: { whose: 'a target', starters: ['FunctionsWebhookStartRole'], lookers: [] },
} as const;

export const onHandoffs = (setup: AttackSetup): Attack[] => [
  ...onHandoffsOf(setup, 'ssh', 'target'),
  ...onHandoffsOf(setup, 'target', 'ssh'),
  ...onTables(setup),
];

function onHandoffsOf(
  { raw, tables, roleIds }: AttackSetup,
  side: keyof typeof sides,
  otherSide: keyof typeof sides,
): Attack[] {
  const { whose, starters, lookers } = sides[side];
  const [mine, other] = [`${roleIds[side]}:${'a'.repeat(32)}`, `${roleIds[side]}:${'b'.repeat(32)}`];
  const foreign = `${roleIds[otherSide]}:${'a'.repeat(32)}`;
  const asTask = (action: string, keys: string[] = [], table = tables.handoff) =>
    raw(`dynamodb:${action}`, table, {
      'aws:userid': mine,
      ...(keys.length > 0 && { 'dynamodb:LeadingKeys': keys }),
      ...(action === 'DeleteItem' && { 'dynamodb:Attributes': ['pk'] }),
      ...(/^(Put|Delete)Item$/.test(action) && { 'dynamodb:ReturnValues': 'NONE' }),
    });
  /** Writes that tell what an item holds. The task itself may read its own anyway. */
  const tell = (action: string, context: IamRequest['context']) =>
    raw(`dynamodb:${action}`, tables.handoff, {
      'aws:userid': mine,
      'dynamodb:LeadingKeys': [mine],
      'dynamodb:Attributes': ['pk'],
      'dynamodb:ReturnValues': 'NONE',
      ...context,
    });
  const getting = { 'dynamodb:ReturnValues': 'ALL_OLD' };
  const guessing = { 'dynamodb:Attributes': ['pk', 'values'] };
  const look = (keys: string[], context: Record<string, string | string[]>) =>
    raw('dynamodb:BatchGetItem', tables.handoff, {
      ...(keys.length > 0 && { 'dynamodb:LeadingKeys': keys }),
      ...context,
    });
  const keyAlone = { 'dynamodb:Select': 'SPECIFIC_ATTRIBUTES', 'dynamodb:Attributes': ['pk'] };
  const attributes = (...names: string[]) => ({ ...keyAlone, 'dynamodb:Attributes': names });
  const removers = [...removingHandoffs.both, ...removingHandoffs[side]];
  // The reaper leaves notices for those who are logged in to a bastion.
  const putters = side === 'ssh' ? [...starters, 'FunctionsReaperRole'] : starters;
  return [
    { name: `${whose} reads its own handoff`, requests: asTask('GetItem', [mine]), allowed: taskRoles },
    { name: `${whose} reads the handoff of another`, requests: asTask('GetItem', [other]) },
    { name: `${whose} reads a handoff of the other kind`, requests: asTask('GetItem', [foreign]) },
    { name: `${whose} reads its own handoff and another`, requests: asTask('GetItem', [mine, other]) },
    { name: `${whose} reads a handoff whose key begins with its own`, requests: asTask('GetItem', [`${mine}0`]) },
    { name: `${whose} reads a batch of handoffs`, requests: asTask('BatchGetItem', [mine]) },
    { name: `${whose} writes a batch of handoffs`, requests: asTask('BatchWriteItem', [mine]) },
    { name: `${whose} selects its own handoff with PartiQL`, requests: asTask('PartiQLSelect', [mine]) },
    { name: `${whose} queries the handoffs`, requests: asTask('Query', [mine]) },
    {
      name: `${whose} removes its own handoff`,
      requests: asTask('DeleteItem', [mine]),
      allowed: [...taskRoles, ...removers],
    },
    { name: `${whose} removes the handoff of another`, requests: asTask('DeleteItem', [other]), allowed: removers },
    { name: `${whose} changes its handoff`, requests: asTask('UpdateItem', [mine]) },
    { name: `leave a handoff for ${whose}`, requests: asTask('PutItem', [mine]), allowed: putters },
    { name: `remove the handoff of ${whose} and get it`, requests: tell('DeleteItem', getting), allowed: taskRoles },
    {
      name: `remove the handoff of ${whose} if it is as guessed`,
      requests: tell('DeleteItem', guessing),
      allowed: taskRoles,
    },
    { name: `replace the handoff of ${whose} and get it`, requests: tell('PutItem', getting) },
    { name: `leave a handoff for ${whose} and for another kind`, requests: asTask('PutItem', [mine, foreign]) },
    {
      name: `read the key of ${whose} in the sessions`,
      requests: asTask('GetItem', [mine], tables.sessions),
      allowed: readingRoles,
    },
    {
      name: `read the key of ${whose} in the sessions, in a batch`,
      requests: asTask('BatchGetItem', [mine], tables.sessions),
    },
    { name: `remove the key of ${whose} in the sessions`, requests: asTask('DeleteItem', [mine], tables.sessions) },
    { name: `read the key of ${whose} in another table`, requests: asTask('GetItem', [mine], `${tables.handoff}2`) },
    {
      name: `remove the key of ${whose} in another table`,
      requests: asTask('DeleteItem', [mine], `${tables.handoff}2`),
    },
    { name: `look whether ${whose} has its handoff`, requests: look([mine], keyAlone), allowed: lookers },
    {
      name: `look whether ${whose} has its handoff, without a word of how much is wanted`,
      requests: look([mine], { 'dynamodb:Attributes': ['pk'] }),
      allowed: lookers,
    },
    { name: `read what ${whose} is handed, in a batch`, requests: look([mine], attributes('values')) },
    {
      name: `read the key and what ${whose} is handed, in a batch`,
      requests: look([mine], attributes('pk', 'values')),
    },
    { name: `read when the handoff of ${whose} ends, in a batch`, requests: look([mine], attributes('purgeAt')) },
    {
      name: `read the whole handoff of ${whose}, in a batch`,
      requests: look([mine], { 'dynamodb:Select': 'ALL_ATTRIBUTES' }),
    },
    {
      name: `read the whole handoff of ${whose}, in a batch that names its key`,
      requests: look([mine], { ...keyAlone, 'dynamodb:Select': 'ALL_ATTRIBUTES' }),
    },
    { name: `read a handoff of ${whose} without naming an attribute`, requests: look([mine], {}) },
    {
      name: `look whether ${whose} and one of the other kind have their handoffs`,
      requests: look([mine, foreign], keyAlone),
    },
  ];
}

function onTables({ raw, tables }: AttackSetup): Attack[] {
  const whole = ['Scan', 'PartiQLSelect', 'ExportTableToPointInTime', 'CreateBackup', 'DescribeTable', 'DeleteTable'];
  const withoutKey = (action: string) => raw(`dynamodb:${action}`, tables.handoff);
  return [
    { name: 'read a handoff without a key', requests: withoutKey('GetItem') },
    { name: 'remove a handoff without a key', requests: withoutKey('DeleteItem') },
    { name: 'leave a handoff without a key', requests: withoutKey('PutItem') },
    { name: 'read a batch of handoffs without a key', requests: withoutKey('BatchGetItem') },
    {
      name: 'look at handoffs without a key',
      requests: raw('dynamodb:BatchGetItem', tables.handoff, {
        'dynamodb:Select': 'SPECIFIC_ATTRIBUTES',
        'dynamodb:Attributes': ['pk'],
      }),
    },
    {
      name: 'read a batch of sessions',
      requests: raw('dynamodb:BatchGetItem', tables.sessions, { 'dynamodb:LeadingKeys': ['session#x'] }),
      allowed: batchingRoles,
    },
    {
      name: 'read a batch of claims',
      requests: raw('dynamodb:BatchGetItem', tables.sessions, { 'dynamodb:LeadingKeys': ['claim#user#x'] }),
    },
    { name: 'read a batch of sessions without a key', requests: raw('dynamodb:BatchGetItem', tables.sessions) },
    ...whole.flatMap((action) => [
      { name: `${action} of the handoffs`, requests: raw(`dynamodb:${action}`, tables.handoff) },
      { name: `${action} of the sessions`, requests: raw(`dynamodb:${action}`, tables.sessions) },
    ]),
  ];
}

export function onSecrets({ call, raw, secret, parameters }: AttackSetup): Attack[] {
  const read = (Name: string) => call('ssm', 'GetParameter', { Name });
  return [
    {
      name: 'read the webhooks’ secret',
      requests: call('secretsmanager', 'GetSecretValue', { SecretId: secret }),
      allowed: authenticatingRoles,
    },
    {
      name: 'read another secret',
      requests: call('secretsmanager', 'GetSecretValue', { SecretId: `${secret.slice(0, -7)}x-abcdef` }),
    },
    { name: 'replace the webhooks’ secret', requests: raw('secretsmanager:PutSecretValue', secret) },
    {
      name: 'read somebody’s stored public key',
      requests: read('/bastions/keys/arjen'),
      allowed: ['FunctionsStartRole'],
    },
    { name: 'read a parameter beside the keys', requests: read('/bastions/password') },
    { name: 'read a parameter of others', requests: read('/production/password') },
    { name: 'store a key for somebody', requests: raw('ssm:PutParameter', `${parameters}/bastions/keys/arjen`) },
    { name: 'list the stored keys', requests: raw('ssm:GetParametersByPath', `${parameters}/bastions/keys/`) },
  ];
}
