/** BastionZero against the local run: every dialect and both schemes, over HTTP, with the real entrypoints of the agents. */
import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { DynamoDBClient, ListTablesCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Side, Target } from '../bastionzero/bastionzero.ts';
import { activations, hmacHeaders } from '../support/activations.ts';
import { type RecordedRun, startRecordedRun } from '../support/recorded-run.ts';
import { untilGone } from '../support/user.ts';

let local: RecordedRun;
let secret: string;

beforeAll(async () => {
  local = await startRecordedRun({ agents: 'ssh,ssm,bzero-ssm,bzero', webhookHmac: 'true' });
  secret = JSON.parse(local.stack.secrets[0]?.value ?? '{}').current;
});

afterAll(() => local.stop());

/** The stand-in's log of an activation with this code or token. */
const registered = (code: string) => `SHA-256 ${createHash('sha256').update(code).digest('hex')}`;

function side(scheme: 'basic' | 'hmac', code: string): Side {
  return {
    async send(method, path, body = '') {
      const action = path === '/stop' ? 'stop' : 'start';
      const headers =
        scheme === 'basic'
          ? { authorization: `Basic ${secret}` }
          : hmacHeaders(secret, action, body, Math.floor(Date.now() / 1000));
      const response = await fetch(local.api + path, { method, ...(method === 'POST' && { headers, body }) });
      return { status: response.status, body: await response.text() };
    },
    // BastionZero looks every five seconds. Here everything is faster.
    sleep: async (ms) => void (await sleep(ms / 50)),
    isOnline: () => local.output().includes(registered(code)),
  };
}

describe.each(['basic', 'hmac'] as const)('with %s', (scheme) => {
  it.each(activations(`e2e-${scheme}`))(
    '$dialect: the agent gets exactly its activation, and /stop leaves nothing',
    async (activation) => {
      const { activationCode, activationToken } = activation.body;
      const target = new Target(side(scheme, activationCode ?? activationToken ?? ''), activation.body);
      await target.connect();
      expect(target).toMatchObject({ state: 'Started', id: expect.stringMatching(/^[0-9a-f-]{36}$/) });
      await target.disconnect();
      expect(target.state).toBe('Stopped');
      await untilGone(local, target.id ?? '');
    },
  );
});

it('no activation is in any table or log afterwards', async () => {
  const config = {
    endpoint: local.aws,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  };
  const dynamodb = new DynamoDBClient(config);
  const { TableNames = [] } = await dynamodb.send(new ListTablesCommand({}));
  expect(TableNames).toHaveLength(2);
  const tables = await Promise.all(TableNames.map((TableName) => dynamodb.send(new ScanCommand({ TableName }))));
  const everything = JSON.stringify(tables.map(({ Items }) => Items)) + local.output();
  for (const scheme of ['basic', 'hmac']) {
    for (const { body } of activations(`e2e-${scheme}`)) {
      const code = body.activationCode ?? body.activationToken ?? '';
      expect(everything).toContain(registered(code));
      expect(everything).not.toContain(code);
    }
  }
});
