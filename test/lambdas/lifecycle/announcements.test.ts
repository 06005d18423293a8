/** The events that a deployment sends about its sessions. */

import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import { sessionEvent } from '../../../contracts/events.ts';
import { AwsError, type Call } from '../../../emulator/wire.ts';
import { deploy, deployPooled } from '../../support/deploy.ts';
import type { Deployment, DeploymentOptions } from '../../support/deployment.ts';
import { arjen, elsewhere } from '../../support/people.ts';
import { minuteMs, secondMs } from '../../support/time.ts';

const putEvents = v.object({
  Entries: v.array(
    v.object({
      Source: v.literal('bastion-on-demand'),
      DetailType: v.string(),
      Detail: v.pipe(v.string(), v.parseJson(), sessionEvent),
    }),
  ),
});

const eventsIn = ({ action, input }: Call) => (action === 'PutEvents' ? v.parse(putEvents, input).Entries : []);

/** Deploys, and notes each event that EventBridge takes. */
async function listening(make: typeof deploy = deploy, { onCall, ...options }: DeploymentOptions = {}) {
  const heard: v.InferOutput<typeof putEvents>['Entries'] = [];
  const bastions: Deployment = await make({
    ...options,
    onCall: async (call, proceed, invocation) => {
      const output = await (onCall ?? ((_, go) => go()))(call, proceed, invocation);
      heard.push(...eventsIn(call));
      return output;
    },
  });
  const types = () => heard.map(({ DetailType }) => DetailType.replace('bastion.session.', ''));
  return { bastions, heard, types };
}

describe('the events of a bastion', () => {
  it('follow its life, each with a sentence', async () => {
    const { bastions, heard } = await listening();
    await bastions.call('POST /', arjen);
    await bastions.call('POST /', { ...arjen, from: elsewhere });
    await bastions.call('POST /', { ...arjen, from: elsewhere, query: { user: 'arjen', ttl: '2h' } });
    await bastions.clock.advance(121 * minuteMs);
    expect(heard.map(({ DetailType, Detail }) => `${DetailType}: ${Detail.text}`)).toEqual([
      'bastion.session.started: The bastion of arjen starts.',
      'bastion.session.ready: The bastion of arjen is up at 198.18.0.1, and ends at 01:00 UTC.',
      'bastion.session.moved: The bastion of arjen lets in 203.0.113.9/32 now.',
      'bastion.session.extended: The bastion of arjen ends at 02:00 UTC now.',
      'bastion.session.ending: The bastion of arjen ends at 02:00 UTC, in about 15 minutes.',
      'bastion.session.ending: The bastion of arjen ends at 02:00 UTC, in about 5 minutes.',
      'bastion.session.ended: The bastion of arjen has ended: its time was over.',
    ]);
    expect(new Set(heard.map(({ Detail }) => Detail.id)).size).toBe(7);
  });

  it('say who started it and whom it lets in, and hold no key', async () => {
    const { bastions, heard } = await listening();
    await bastions.call('POST /', arjen);
    await bastions.clock.advance(secondMs);
    const [, ready] = heard;
    expect(ready?.Detail).toMatchObject({
      stack: 'Bastions',
      move: 'ready',
      user: 'arjen',
      agent: 'ssh',
      state: 'running',
      host: '198.18.0.1',
      allowedCidrs: ['198.51.100.4/32'],
      startedBy: expect.stringContaining('user/admin'),
    });
    expect(JSON.stringify(heard)).not.toMatch(/ssh-ed25519|PRIVATE|AAAA/);
  });

  it('begin when somebody takes it from the pool', async () => {
    const { bastions, types } = await listening(deployPooled);
    await bastions.clock.advance(2 * minuteMs);
    expect(types()).toEqual([]);
    await bastions.call('POST /', arjen);
    await bastions.clock.advance(secondMs);
    expect(types()).toEqual(['started', 'ready']);
  });

  it('tell of a start that fails after AWS has accepted its task', async () => {
    const { bastions, heard } = await listening();
    bastions.containers.exitAtStart('ssh', 70);
    await bastions.call('POST /', arjen);
    await bastions.clock.advance(5 * minuteMs);
    expect(heard.map(({ Detail: { move, reason } }) => [move, reason])).toEqual([
      ['started', undefined],
      ['ended', 'start-failed'],
    ]);
  });
});

describe('an event', () => {
  it('comes once EventBridge takes it', async () => {
    let refusals = 0;
    const { bastions, types } = await listening(deploy, {
      onCall: async (call, proceed) => {
        if (call.action !== 'PutEvents' || ++refusals > 7) return proceed();
        throw new AwsError('InternalException', 'Internal failure', 500);
      },
    });
    await bastions.call('POST /', arjen);
    await bastions.clock.advance(2 * minuteMs);
    expect(refusals).toBeGreaterThan(7);
    expect(types()).toEqual(['started', 'ready']);
  });

  it('comes again when EventBridge refuses one of its request', async () => {
    let requests = 0;
    const { bastions, types } = await listening(deploy, {
      onCall: async (call, proceed) => {
        if (call.action !== 'PutEvents' || ++requests > 1) return proceed();
        await proceed();
        return { FailedEntryCount: 1, Entries: [{ ErrorCode: 'ThrottlingException' }] };
      },
    });
    await bastions.call('POST /', arjen);
    await bastions.clock.advance(minuteMs);
    expect(types().slice(0, 2)).toEqual(['started', 'started']);
  });

  it('is not kept back by a row that nobody can read', async () => {
    const { bastions, types } = await listening();
    const Item = { pk: { S: 'session#other' }, sessionId: { S: 'other' }, state: { S: 'unheard of' } };
    await bastions.clock.run(bastions.dynamodb.send(new PutItemCommand({ TableName: bastions.tableName, Item })));
    await bastions.call('POST /', arjen);
    await bastions.clock.advance(secondMs);
    expect(types()).toEqual(['started', 'ready']);
    expect(bastions.logged).toContainEqual(expect.objectContaining({ decision: 'change of a row left out' }));
  });
});
