/** Scenarios of a person's bastion. */
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { inProcess } from '../../emulator/in-process.ts';
import type { Interceptor } from '../../emulator/wire.ts';
import type { Deployment } from '../support/deployment.ts';
import { failing, lost, missing, noCapacity, nothingArrives, once, unanswered } from '../support/interceptors.ts';
import { arjen, elsewhere, homeIpv6, publicKey } from '../support/people.ts';
import { minuteMs, secondMs } from '../support/time.ts';
import { ann, deployJob, olga } from '../support/tokens.ts';
import type { Scenario } from './scenario.ts';

/** One bastion from its start to its end, with every request that a person can send in between. */
async function aDay(bastions: Deployment): Promise<void> {
  const { clock } = bastions;
  await bastions.call('GET /health');
  await bastions.call('GET /', arjen);
  await bastions.call('POST /', arjen);
  await bastions.call('POST /', { ...arjen, from: elsewhere });
  await bastions.call('POST /', { ...arjen, from: homeIpv6, query: { user: 'arjen', ttl: '8h' } });
  await bastions.call('POST /', { ...arjen, body: publicKey(2) });
  await bastions.call('GET /', arjen);
  await bastions.call('GET /sessions');
  await bastions.call('GET /sessions', { query: { user: 'arjen' } });
  await clock.advance(6 * minuteMs); // a check-up
  await bastions.call('DELETE /', arjen);
  await clock.advance(2 * minuteMs);
  const ssm = new SSMClient(inProcess(bastions.aws, clock));
  const parameter = { Name: '/bastions/keys/eve', Value: `${publicKey(3)} eve`, Type: 'String' } as const;
  await clock.run(ssm.send(new PutParameterCommand(parameter)));
  await bastions.call('POST /', { query: { user: 'eve', ttl: '10m' }, body: '' });
  await clock.advance(15 * minuteMs); // its expiry
}

/** The same requests with tokens, of a person and of a workload. */
async function aDayWithTokens(bastions: Deployment): Promise<void> {
  for (const [claims, path] of [
    [ann, '/me'],
    [deployJob, '/ci'],
  ] as const) {
    await bastions.call(`POST ${path}`, { claims, body: publicKey(1) });
    await bastions.call(`POST ${path}`, { claims, from: elsewhere });
    await bastions.call(`GET ${path}`, { claims });
    await bastions.call(`GET ${path}/known_hosts`, { claims });
    await bastions.call(`DELETE ${path}`, { claims });
  }
  await bastions.call('GET /me/sessions', { claims: ann });
  await bastions.call('GET /me/sessions', { claims: olga });
  await bastions.clock.advance(2 * minuteMs);
}

/** Ends the running container of this name. */
export function endContainer(bastions: Deployment, name: string): void {
  const taskId = bastions.containers.running().find((one) => one.name === name)?.taskId ?? '';
  bastions.containers.exit(taskId, name, 1);
}

/** The second request for new rules is never answered. The first one belongs to the start, the second to the move. */
const deadMove = (): Interceptor => {
  let count = 0;
  return (call, proceed) =>
    call.action === 'AuthorizeSecurityGroupIngress' && ++count === 2 ? unanswered() : proceed();
};

export const peopleScenarios: Readonly<Record<string, Scenario>> = {
  'a day': { act: aDay },
  'a day with tokens': { act: aDayWithTokens },
  'a day on an AWS that forgets': { options: () => ({ delays: { visibilityMs: 900 } }), act: aDay },
  'an image that takes long': {
    options: () => ({ delays: { pullingMs: 40 * secondMs } }),
    act: async (bastions) => {
      await bastions.call('POST /', arjen);
      await bastions.clock.advance(20 * secondMs);
      await bastions.call('GET /', arjen);
    },
  },
  'a start that nobody waits for': {
    options: () => ({ delays: { pullingMs: 5 * secondMs } }),
    act: async (bastions) => {
      await bastions.call('POST /', { ...arjen, query: { ...arjen.query, wait: '0' } });
      await bastions.clock.advance(3 * minuteMs); // the reaper sees it come up
    },
  },
  'a bastion whose task ECS does not find': {
    options: () => ({ reaps: false, onCall: missing }),
    act: async (bastions) => {
      await bastions.call('POST /', arjen);
      await bastions.clock.advance(6 * minuteMs);
      await bastions.call('GET /', arjen);
    },
  },
  'a container that ends': {
    act: async (bastions) => {
      await bastions.call('POST /', arjen);
      endContainer(bastions, 'ssh');
      await bastions.clock.advance(2 * minuteMs);
    },
  },
  'a container whose end only the reaper notices': {
    options: () => ({ reaps: false, onCall: nothingArrives }),
    act: async (bastions) => {
      await bastions.call('POST /', arjen);
      endContainer(bastions, 'ssh');
      await bastions.clock.advance(6 * minuteMs);
      await bastions.invoke('Reaper');
    },
  },
  'a container whose end goes unnoticed, started again': {
    options: () => ({ reaps: false, onCall: nothingArrives }),
    act: async (bastions) => {
      await bastions.call('POST /', arjen);
      endContainer(bastions, 'ssh');
      await bastions.clock.advance(minuteMs);
      await bastions.call('POST /', arjen);
    },
  },
  'a container whose end goes unnoticed, stopped': {
    options: () => ({
      reaps: false,
      onCall: async (call, proceed) => (call.service === 'events' ? undefined : proceed()),
    }),
    act: async (bastions) => {
      await bastions.call('POST /', arjen);
      endContainer(bastions, 'ssh');
      await bastions.clock.advance(minuteMs);
      await bastions.call('DELETE /', arjen);
      await bastions.clock.advance(minuteMs);
    },
  },
  'a look that waits for the address': {
    options: () => ({ delays: { provisioningMs: 5 * secondMs } }),
    act: async (bastions) => {
      await bastions.call('POST /', { ...arjen, query: { ...arjen.query, wait: '0' } });
      await bastions.call('GET /', { ...arjen, query: { ...arjen.query, wait: '28' } });
    },
  },
  'an interface that lingers': {
    options: () => ({ delays: { deprovisioningMs: 15 * minuteMs } }),
    act: async (bastions) => {
      await bastions.call('POST /', arjen);
      await bastions.call('DELETE /', arjen);
      await bastions.call('POST /', arjen);
      await bastions.clock.advance(20 * minuteMs);
    },
  },
  'sshd that never comes up': {
    act: async (bastions) => {
      bastions.containers.exitAtStart('ssh', 70);
      await bastions.call('POST /', arjen);
      await bastions.clock.advance(2 * minuteMs);
    },
  },
  'a stop during the start': {
    act: async (bastions) => {
      const start = bastions.send('POST /', arjen);
      await bastions.clock.advance(500);
      await bastions.call('DELETE /', arjen);
      await bastions.clock.run(start);
      await bastions.clock.advance(2 * minuteMs);
    },
  },
  'two starts at once': {
    act: ({ clock, send }) => clock.run(Promise.all([send('POST /', arjen), send('POST /', arjen)])),
  },
  'no capacity': {
    options: () => ({ onCall: noCapacity }),
    act: async (bastions) => {
      await bastions.call('POST /', arjen);
      await bastions.clock.advance(2 * minuteMs);
    },
  },
  'a group whose creation was not answered': {
    options: () => ({ onCall: once('CreateSecurityGroup', lost) }),
    act: (bastions) => bastions.call('POST /', arjen),
  },
  'a group that can not be opened': {
    options: () => ({ onCall: failing(({ action }) => action === 'AuthorizeSecurityGroupIngress') }),
    act: async (bastions) => {
      await bastions.call('POST /', arjen);
      await bastions.clock.advance(2 * minuteMs);
    },
  },
  'a start that dies while it waits': {
    options: () => ({ onCall: once('DescribeTasks', unanswered) }),
    act: async (bastions) => {
      bastions.send('POST /', arjen).catch(() => {});
      await bastions.clock.advance(7 * minuteMs);
    },
  },
  'a move that dies halfway': {
    options: () => ({ onCall: deadMove() }),
    act: async (bastions) => {
      await bastions.call('POST /', arjen);
      bastions.send('POST /', { ...arjen, from: elsewhere }).catch(() => {});
      await bastions.clock.advance(3 * minuteMs);
    },
  },
  'a stop after a start that died': {
    options: () => ({
      reaps: false,
      onCall: once('CreateSecurityGroup', async (proceed) => {
        await proceed();
        return unanswered();
      }),
    }),
    act: async (bastions) => {
      const start = bastions.send('POST /', arjen).catch((error: unknown) => error);
      await bastions.clock.advance(2 * minuteMs);
      await start;
      await bastions.call('DELETE /', arjen);
      await bastions.clock.advance(minuteMs);
    },
  },
};
