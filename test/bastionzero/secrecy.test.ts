/** An activation appears in its handoff alone. It appears in no place once the agent has fetched it. */
import { DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';
import { describe, expect, it } from 'vitest';
import { inProcess } from '../../emulator/in-process.ts';
import { type Activation, activations } from '../support/activations.ts';
import { deploy } from '../support/deploy.ts';
import type { Deployment } from '../support/deployment.ts';
import { secretOf } from '../support/secret.ts';
import { minuteMs, secondMs } from '../support/time.ts';

/** Deploys the stack. `seen` holds every input and output of the emulated AWS as text. */
async function recorded() {
  const seen: { what: string; text: string }[] = [];
  const bastions = await deploy({
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

const mentions = (text: string, { secrets }: Activation) => secrets.some((secret) => text.includes(secret));

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

    const leaks = seen.filter(({ what, text }) => !what.includes('Scan') && mentions(text, activation)); // the test itself scans the tables
    const places = [...new Set(leaks.map(({ what }) => what))];
    expect(places).toEqual(['api dynamodb PutItem', 'api dynamodb GetItem answered']);
    expect(leaks.filter(({ what, text }) => what.endsWith('PutItem') && !text.includes(handoffTable ?? ' '))).toEqual(
      [],
    );
    expect(mentions(await inTables(bastions), activation)).toBe(false);
    expect(mentions(JSON.stringify(bastions.logged), activation)).toBe(false);
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
    expect(mentions(JSON.stringify([reply, bastions.logged]), activation)).toBe(false);
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
