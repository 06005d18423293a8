/**
 * What a task is handed appears in its handoff alone: an activation, or the private host keys of a bastion. It appears in no
 * place once the agent has taken it.
 */
import { createPrivateKey } from 'node:crypto';
import { inspect } from 'node:util';
import { DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';
import { describe, expect, it } from 'vitest';
import { hostKeyValues } from '../../contracts/agent.ts';
import { inProcess } from '../../emulator/in-process.ts';
import { AwsError } from '../../emulator/wire.ts';
import type { HostKeys } from '../../lambdas/core/session/ports.ts';
import { makeHostKeys } from '../../lambdas/host-keys.ts';
import { type Activation, activations } from '../support/activations.ts';
import { deploy } from '../support/deploy.ts';
import type { Deployment, DeploymentOptions } from '../support/deployment.ts';
import { handoffTableOf, putsHandoff } from '../support/handoffs.ts';
import { arjen } from '../support/people.ts';
import { secretOf } from '../support/secret.ts';
import { minuteMs, secondMs } from '../support/time.ts';

/** Deploys the stack. `seen` holds every input and output of the emulated AWS as text. */
async function recorded(options: DeploymentOptions = {}) {
  const seen: { what: string; text: string }[] = [];
  const bastions = await deploy({
    ...options,
    async onCall(call, proceed) {
      const what = `${call.kind} ${call.service} ${call.action}`;
      seen.push({ what, text: JSON.stringify(call.input) ?? '' });
      const output = await proceed();
      seen.push({ what: `${what} answered`, text: JSON.stringify(output) ?? '' });
      return output;
    },
  });
  return { bastions, seen };
}

const start = async (bastions: Deployment, activation: Activation) => {
  const headers = { authorization: `Basic ${await secretOf(bastions)}` };
  return bastions.call('POST /start', { headers, body: JSON.stringify(activation.body) });
};

const mentions = (text: string, { secrets }: { readonly secrets: readonly string[] }) =>
  secrets.some((secret) => text.includes(secret));

/** All that the functions have logged, with every member of each error and its causes. */
const logsOf = ({ logged }: Deployment) => inspect(logged, { depth: null, maxStringLength: null });

/** The calls and answers that mention a secret. The test itself scans the tables. */
const placesOf = (seen: readonly { what: string; text: string }[], secrets: { readonly secrets: readonly string[] }) =>
  seen.filter(({ what, text }) => !what.includes('Scan') && mentions(text, secrets));

async function inTables(bastions: Deployment): Promise<string> {
  const client = new DynamoDBClient(inProcess(bastions.aws, bastions.clock));
  const scans = bastions.stack.tables.map(({ TableName }) => client.send(new ScanCommand({ TableName })));
  return JSON.stringify((await bastions.clock.run(Promise.all(scans))).map(({ Items }) => Items));
}

describe.each(activations('leak'))('an activation ($dialect)', (activation) => {
  it('is in the handoff item alone, and in no table after it was fetched', async () => {
    const { bastions, seen } = await recorded();
    expect((await start(bastions, activation)).status).toBe(200);
    const handoffTable = bastions.stack.functions.find(({ title }) => title === 'WebhookStart')?.environment
      .HANDOFF_TABLE;
    expect(await inTables(bastions)).toContain(activation.secrets[0]);
    await bastions.clock.advance(20 * secondMs);
    const taskId = bastions.containers.running()[0]?.taskId ?? '';
    expect(bastions.containers.received(taskId)).toEqual(activation.variables);

    const leaks = placesOf(seen, activation);
    const places = [...new Set(leaks.map(({ what }) => what))];
    expect(places).toEqual(['api dynamodb PutItem', 'api dynamodb GetItem answered']);
    expect(leaks.filter(({ what, text }) => what.endsWith('PutItem') && !text.includes(handoffTable ?? ' '))).toEqual(
      [],
    );
    expect(mentions(await inTables(bastions), activation)).toBe(false);
    expect(mentions(logsOf(bastions), activation)).toBe(false);
    expect(mentions(JSON.stringify(bastions.containers.running()), activation)).toBe(false);
  });

  it('is deleted with its session if no agent fetched it', async () => {
    const { bastions } = await recorded();
    bastions.containers.exitAtStart(activation.kind, 1);
    await start(bastions, activation);
    await bastions.clock.advance(20 * secondMs);
    expect(await bastions.leftovers()).toEqual([]);
    expect(mentions(await inTables(bastions), activation)).toBe(false);
  });

  it('is in no reply and no log if its start fails', async () => {
    const bastions = await deploy({
      onCall: async (call, proceed) => {
        if (call.action === 'PutItem' && JSON.stringify(call.input).includes('ACTIVATION'))
          throw new Error('socket hang up');
        return proceed();
      },
    });
    const reply = await start(bastions, activation);
    expect(reply.status).toBe(500);
    expect(mentions(JSON.stringify(reply) + logsOf(bastions), activation)).toBe(false);
    await bastions.clock.advance(3 * minuteMs);
    expect(await bastions.leftovers()).toEqual([]);
  });
});

it('every task receives its own activation', async () => {
  const { bastions } = await recorded();
  const [one, two] = [activations('one')[0], activations('two')[0]];
  if (!one || !two) throw new Error('Got no activation, expected one of each dialect.');
  await start(bastions, one);
  await start(bastions, two);
  await bastions.clock.advance(20 * secondMs);
  const received = bastions.containers.running().map(({ taskId }) => bastions.containers.received(taskId));
  expect(received).toEqual([one.variables, two.variables]);
});

/** Makes real host keys, and keeps what nobody else may see: each full line of the private files, and the secret in them. */
function keptHostKeys() {
  const secrets: string[] = [];
  const made: HostKeys[] = [];
  const make = async () => {
    const hostKeys = await makeHostKeys();
    made.push(hostKeys);
    const files = Object.values(hostKeys.handoffValues);
    const lines = files.flatMap((file) => file.split('\n').filter((line) => /^[A-Za-z0-9+/]{70}$/.test(line)));
    // A file holds its public half too, and a whole line may be of that.
    const isPublic = (line: string) => hostKeys.publicKeys.some((publicKey) => publicKey.includes(line));
    secrets.push(...lines.filter((line) => !isPublic(line)), ...secretNumbersOf(hostKeys));
    return hostKeys;
  };
  return { secrets, made, make };
}

/** The seed of the Ed25519 key, in the forms in which it might be written by mistake. */
function secretNumbersOf({ handoffValues }: HostKeys): string[] {
  const file = Buffer.from((handoffValues[hostKeyValues.ed25519] ?? '').replaceAll(/-----.*-----|\n/g, ''), 'base64');
  const length = file.indexOf(Buffer.from([0, 0, 0, 64]));
  const seed = file.subarray(length + 4, length + 36);
  const pkcs8 = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seed]);
  createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' }); // throws if this is no seed
  return [seed.toString('hex'), seed.toString('base64'), seed.toString('base64url'), pkcs8.toString('base64')];
}

describe('the private host keys of a bastion', () => {
  it('are in the handoff item alone, and in no table after the agent has taken it', async () => {
    const kept = keptHostKeys();
    const { bastions, seen } = await recorded({ hostKeys: kept });
    const reply = await bastions.call('POST /', { ...arjen, query: { ...arjen.query, wait: '0' } });
    expect(await inTables(bastions)).toContain(kept.secrets[0]);
    const others = [];
    for (const route of ['POST /', 'GET /', 'GET /known_hosts', 'GET /sessions'])
      others.push(await bastions.call(route, route === 'GET /sessions' ? {} : arjen));
    expect(others.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    const taskId = bastions.containers.running()[0]?.taskId ?? '';
    expect(bastions.containers.received(taskId)).toEqual(kept.made[0]?.handoffValues);
    expect(mentions(JSON.stringify(bastions.containers.running()), kept)).toBe(false);
    await bastions.clock.advance(30 * secondMs);
    expect(mentions(await inTables(bastions), kept)).toBe(false);
    await bastions.call('DELETE /', arjen);
    await bastions.clock.advance(minuteMs);

    const leaks = placesOf(seen, kept);
    expect([...new Set(leaks.map(({ what }) => what))]).toEqual([
      'api dynamodb PutItem',
      'api dynamodb GetItem answered',
    ]);
    const writes = leaks.filter(({ what }) => what.endsWith('PutItem'));
    expect(writes.every(({ text }) => text.includes(handoffTableOf(bastions)))).toBe(true);
    expect(writes).toHaveLength(1);
    expect(mentions(JSON.stringify([reply, ...others]) + logsOf(bastions), kept)).toBe(false);
    // The public halves are known from the first reply on.
    expect(reply.json.hostKeys).toEqual(kept.made[0]?.publicKeys);
  });

  it.each([
    ['AWS breaks the connection', new Error('socket hang up')],
    ['AWS fails', new AwsError('InternalServerError', 'Internal server error', 500)],
    ['AWS refuses it', new AwsError('ValidationException', 'One or more parameter values were invalid')],
    ['the role may not', new AwsError('AccessDeniedException', 'User is not authorized to perform: dynamodb:PutItem')],
  ])('are in no reply, log or row if %s at their write', async (_, error) => {
    const kept = keptHostKeys();
    const bastions: Deployment = await deploy({
      hostKeys: kept,
      onCall: async (call, proceed) => {
        if (putsHandoff(call)) throw error;
        return proceed();
      },
    });
    const reply = await bastions.call('POST /', arjen);
    expect(reply.status).toBeGreaterThanOrEqual(500);
    await bastions.clock.advance(3 * minuteMs);
    expect(mentions(JSON.stringify(reply) + logsOf(bastions) + (await inTables(bastions)), kept)).toBe(false);
    expect(await bastions.leftovers()).toEqual([]);
  });

  it('are deleted with their session if no agent fetched them', async () => {
    const kept = keptHostKeys();
    const bastions = await deploy({ hostKeys: kept });
    bastions.containers.exitAtStart('ssh', 64);
    expect(await bastions.call('POST /', arjen)).toMatchObject({ status: 502 });
    await bastions.clock.advance(20 * secondMs);
    expect(mentions(await inTables(bastions), kept)).toBe(false);
    expect(await bastions.leftovers()).toEqual([]);
  });

  it('of a request that joins another’s start are written nowhere', async () => {
    const kept = keptHostKeys();
    const { bastions, seen } = await recorded({ hostKeys: kept });
    const { clock, send } = bastions;
    const replies = await clock.run(Promise.all([send('POST /', arjen), send('POST /', arjen)]));
    expect(kept.made).toHaveLength(2);
    const [hostKeys] = replies.map(({ json }) => json.hostKeys);
    expect(replies.map(({ json }) => json.hostKeys)).toEqual([hostKeys, hostKeys]);
    const filesOf = (isUsed: boolean) =>
      kept.made
        .filter(({ publicKeys }) => (publicKeys[0] === hostKeys[0]) === isUsed)
        .flatMap(({ handoffValues }) => Object.values(handoffValues))
        .join();
    // The first line of a file is the same in all of them.
    const ofUnused = kept.secrets.filter(
      (secret) => filesOf(false).includes(secret) && !filesOf(true).includes(secret),
    );
    expect(ofUnused.length).toBeGreaterThan(5);
    expect(placesOf(seen, { secrets: ofUnused })).toEqual([]);
  });
});
