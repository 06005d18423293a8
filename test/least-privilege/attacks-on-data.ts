/** Attacks on what is stored: sessions, claims, notes, handoffs, secrets and keys. */

import { type Attempt, authenticating, changing, converging, type Known, reading, starting } from './attack-setup.ts';

export function onSessions({ call, raw, tables }: Known): Attempt[] {
  const TableName = tables.sessions.split('/').at(-1);
  const write = (S: string) => call('dynamodb', 'PutItem', { TableName, Item: { pk: { S } } });
  const keysOf = (key: string) => ({ 'dynamodb:LeadingKeys': [key] });
  const remove = (S: string) => call('dynamodb', 'DeleteItem', { TableName, Key: { pk: { S } } });
  return [
    {
      what: 'read a session',
      requests: call('dynamodb', 'GetItem', { TableName, Key: { pk: { S: 'session#x' } } }),
      who: reading,
    },
    { what: 'read an item without a key', requests: raw('dynamodb:GetItem', tables.sessions), who: reading },
    { what: 'write a session', requests: write('session#x'), who: [...changing, ...converging] },
    { what: 'write oneself a claim', requests: write('claim#user#x'), who: starting },
    { what: 'note an orphan', requests: write('orphan#x'), who: ['FunctionsSweeperRole'] },
    { what: 'say that a signature has been used', requests: write('signature#x'), who: authenticating },
    { what: 'write an item of another type', requests: write('other#x') },
    { what: 'write an item without a key', requests: raw('dynamodb:PutItem', tables.sessions) },
    { what: 'remove a session', requests: remove('session#x'), who: starting },
    { what: 'remove a claim', requests: remove('claim#user#x'), who: converging },
    { what: 'forget an orphan', requests: remove('orphan#x') },
    { what: 'have a signature accepted again', requests: remove('signature#x') },
    { what: 'remove an item without a key', requests: raw('dynamodb:DeleteItem', tables.sessions) },
    { what: 'change an item in place', requests: raw('dynamodb:UpdateItem', tables.sessions, keysOf('session#x')) },
    { what: 'write a batch of items', requests: raw('dynamodb:BatchWriteItem', tables.sessions, keysOf('session#x')) },
  ];
}

export function onHandoffs({ raw, tables, handoffRoleId }: Known): Attempt[] {
  const [mine, other] = [`${handoffRoleId}:${'a'.repeat(32)}`, `${handoffRoleId}:${'b'.repeat(32)}`];
  const asTask = (action: string, keys: string[] = [], table = tables.handoff) =>
    raw(`dynamodb:${action}`, table, {
      'aws:userid': mine,
      ...(keys.length > 0 && { 'dynamodb:LeadingKeys': keys }),
    });
  const whole = ['Scan', 'PartiQLSelect', 'ExportTableToPointInTime', 'CreateBackup', 'DescribeTable', 'DeleteTable'];
  return [
    { what: 'a task reads its own handoff', requests: asTask('GetItem', [mine]), who: ['HandoffRole'] },
    { what: 'a task reads the handoff of another', requests: asTask('GetItem', [other]) },
    { what: 'a task reads its own handoff and another', requests: asTask('GetItem', [mine, other]) },
    { what: 'a task reads a handoff whose key begins with its own', requests: asTask('GetItem', [`${mine}0`]) },
    { what: 'a task reads a batch of handoffs', requests: asTask('BatchGetItem', [mine]) },
    { what: 'read a batch of handoffs without a key', requests: asTask('BatchGetItem') },
    { what: 'a task writes a batch of handoffs', requests: asTask('BatchWriteItem', [mine]) },
    { what: 'a task selects its own handoff with PartiQL', requests: asTask('PartiQLSelect', [mine]) },
    { what: 'query the handoffs', requests: asTask('Query', [mine]) },
    { what: 'read a handoff without a key', requests: asTask('GetItem') },
    {
      what: 'a task removes its own handoff',
      requests: asTask('DeleteItem', [mine]),
      who: ['HandoffRole', ...converging],
    },
    { what: 'a task removes the handoff of another', requests: asTask('DeleteItem', [other]), who: converging },
    { what: 'remove a handoff without a key', requests: asTask('DeleteItem'), who: converging },
    { what: 'leave a handoff', requests: asTask('PutItem', [mine]), who: ['FunctionsWebhookStartRole'] },
    { what: 'read its key in the sessions', requests: asTask('GetItem', [mine], tables.sessions), who: reading },
    { what: 'remove its key in the sessions', requests: asTask('DeleteItem', [mine], tables.sessions) },
    { what: 'read its key in another table', requests: asTask('GetItem', [mine], `${tables.handoff}2`) },
    { what: 'remove its key in another table', requests: asTask('DeleteItem', [mine], `${tables.handoff}2`) },
    { what: 'change a handoff', requests: asTask('UpdateItem', [mine]) },
    ...whole.flatMap((action) => [
      { what: `${action} of the handoffs`, requests: raw(`dynamodb:${action}`, tables.handoff) },
      { what: `${action} of the sessions`, requests: raw(`dynamodb:${action}`, tables.sessions) },
    ]),
  ];
}

export function onSecrets({ call, raw, secret, parameters }: Known): Attempt[] {
  const read = (Name: string) => call('ssm', 'GetParameter', { Name });
  return [
    {
      what: 'read the webhooks’ secret',
      requests: call('secretsmanager', 'GetSecretValue', { SecretId: secret }),
      who: authenticating,
    },
    {
      what: 'read another secret',
      requests: call('secretsmanager', 'GetSecretValue', { SecretId: `${secret.slice(0, -7)}x-abcdef` }),
    },
    { what: 'replace the webhooks’ secret', requests: raw('secretsmanager:PutSecretValue', secret) },
    { what: 'read somebody’s stored public key', requests: read('/bastions/keys/arjen'), who: ['FunctionsStartRole'] },
    { what: 'read a parameter beside the keys', requests: read('/bastions/password') },
    { what: 'read a parameter of others', requests: read('/production/password') },
    { what: 'store a key for somebody', requests: raw('ssm:PutParameter', `${parameters}/bastions/keys/arjen`) },
    { what: 'list the stored keys', requests: raw('ssm:GetParametersByPath', `${parameters}/bastions/keys/`) },
  ];
}
