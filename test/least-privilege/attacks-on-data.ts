/** Attacks on what is stored: sessions, claims, notes, handoffs, secrets and keys. */

import {
  type Attack,
  type AttackSetup,
  authenticatingRoles,
  changingRoles,
  convergingRoles,
  readingRoles,
  startingRoles,
} from './attack-setup.ts';
import type { IamRequest } from './mapping.ts';

export function onSessions({ call, raw, tables }: AttackSetup): Attack[] {
  const TableName = tables.sessions.split('/').at(-1);
  const write = (S: string) => call('dynamodb', 'PutItem', { TableName, Item: { pk: { S } } });
  const keysOf = (key: string) => ({ 'dynamodb:LeadingKeys': [key] });
  const remove = (S: string) => call('dynamodb', 'DeleteItem', { TableName, Key: { pk: { S } } });
  return [
    {
      name: 'read a session',
      requests: call('dynamodb', 'GetItem', { TableName, Key: { pk: { S: 'session#x' } } }),
      allowed: readingRoles,
    },
    { name: 'read an item without a key', requests: raw('dynamodb:GetItem', tables.sessions), allowed: readingRoles },
    { name: 'write a session', requests: write('session#x'), allowed: [...changingRoles, ...convergingRoles] },
    { name: 'write oneself a claim', requests: write('claim#user#x'), allowed: startingRoles },
    { name: 'note an orphan', requests: write('orphan#x'), allowed: ['FunctionsSweeperRole'] },
    { name: 'say that a signature has been used', requests: write('signature#x'), allowed: authenticatingRoles },
    { name: 'write an item of another type', requests: write('other#x') },
    { name: 'write an item without a key', requests: raw('dynamodb:PutItem', tables.sessions) },
    { name: 'remove a session', requests: remove('session#x'), allowed: startingRoles },
    { name: 'remove a claim', requests: remove('claim#user#x'), allowed: convergingRoles },
    { name: 'forget an orphan', requests: remove('orphan#x') },
    { name: 'have a signature accepted again', requests: remove('signature#x') },
    { name: 'remove an item without a key', requests: raw('dynamodb:DeleteItem', tables.sessions) },
    { name: 'change an item in place', requests: raw('dynamodb:UpdateItem', tables.sessions, keysOf('session#x')) },
    { name: 'write a batch of items', requests: raw('dynamodb:BatchWriteItem', tables.sessions, keysOf('session#x')) },
  ];
}

/** Writes that tell what the item of a task holds. The task itself may read it anyway. */
function tellingWrites({ raw, tables, handoffRoleId, sshRoleId }: AttackSetup): Attack[] {
  const sides = [
    { kind: 'a target’s', roleId: handoffRoleId, taskRole: 'HandoffRole' },
    { kind: 'a bastion’s', roleId: sshRoleId, taskRole: 'AgentsSshTaskRole' },
  ];
  return sides.flatMap(({ kind, roleId, taskRole }) => {
    const key = `${roleId}:${'a'.repeat(32)}`;
    const write = (action: string, context: IamRequest['context']) =>
      raw(`dynamodb:${action}`, tables.handoff, {
        'aws:userid': key,
        'dynamodb:LeadingKeys': [key],
        'dynamodb:Attributes': ['pk'],
        'dynamodb:ReturnValues': 'NONE',
        ...context,
      });
    const getting = { 'dynamodb:ReturnValues': 'ALL_OLD' };
    const guessing = { 'dynamodb:Attributes': ['pk', 'values'] };
    return [
      { name: `remove ${kind} handoff and get it`, requests: write('DeleteItem', getting), allowed: [taskRole] },
      {
        name: `remove ${kind} handoff if it is as guessed`,
        requests: write('DeleteItem', guessing),
        allowed: [taskRole],
      },
      { name: `replace ${kind} handoff and get it`, requests: write('PutItem', getting) },
    ];
  });
}

export function onHandoffs(setup: AttackSetup): Attack[] {
  const { raw, tables, handoffRoleId } = setup;
  const [mine, other] = [`${handoffRoleId}:${'a'.repeat(32)}`, `${handoffRoleId}:${'b'.repeat(32)}`];
  const asTask = (action: string, keys: string[] = [], table = tables.handoff) =>
    raw(`dynamodb:${action}`, table, {
      'aws:userid': mine,
      ...(keys.length > 0 && { 'dynamodb:LeadingKeys': keys }),
    });
  const whole = ['Scan', 'PartiQLSelect', 'ExportTableToPointInTime', 'CreateBackup', 'DescribeTable', 'DeleteTable'];
  return [
    { name: 'a task reads its own handoff', requests: asTask('GetItem', [mine]), allowed: ['HandoffRole'] },
    { name: 'a task reads the handoff of another', requests: asTask('GetItem', [other]) },
    { name: 'a task reads its own handoff and another', requests: asTask('GetItem', [mine, other]) },
    { name: 'a task reads a handoff whose key begins with its own', requests: asTask('GetItem', [`${mine}0`]) },
    { name: 'a task reads a batch of handoffs', requests: asTask('BatchGetItem', [mine]) },
    { name: 'read a batch of handoffs without a key', requests: asTask('BatchGetItem') },
    { name: 'a task writes a batch of handoffs', requests: asTask('BatchWriteItem', [mine]) },
    { name: 'a task selects its own handoff with PartiQL', requests: asTask('PartiQLSelect', [mine]) },
    { name: 'query the handoffs', requests: asTask('Query', [mine]) },
    { name: 'read a handoff without a key', requests: asTask('GetItem') },
    {
      name: 'a task removes its own handoff',
      requests: asTask('DeleteItem', [mine]),
      allowed: ['HandoffRole', ...convergingRoles],
    },
    {
      name: 'a task removes the handoff of another',
      requests: asTask('DeleteItem', [other]),
      allowed: convergingRoles,
    },
    { name: 'remove a handoff without a key', requests: asTask('DeleteItem'), allowed: convergingRoles },
    ...tellingWrites(setup),
    { name: 'leave a handoff', requests: asTask('PutItem', [mine]), allowed: ['FunctionsWebhookStartRole'] },
    {
      name: 'read its key in the sessions',
      requests: asTask('GetItem', [mine], tables.sessions),
      allowed: readingRoles,
    },
    { name: 'remove its key in the sessions', requests: asTask('DeleteItem', [mine], tables.sessions) },
    { name: 'read its key in another table', requests: asTask('GetItem', [mine], `${tables.handoff}2`) },
    { name: 'remove its key in another table', requests: asTask('DeleteItem', [mine], `${tables.handoff}2`) },
    { name: 'change a handoff', requests: asTask('UpdateItem', [mine]) },
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
