/** Everything that the functions do in a life, on purpose and by accident. Each run has a deployment of its own. */
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { inProcess } from '../../emulator/in-process.ts';
import { AwsError, type Interceptor } from '../../emulator/wire.ts';
import { activations, hmacHeaders } from '../support/activations.ts';
import type { Deployment, DeploymentOptions } from '../support/deployment.ts';
import { destroy } from '../support/destroy.ts';
import { lost, missing, nothingArrives, once } from '../support/interceptors.ts';
import { arjen, elsewhere, homeIpv6, publicKey } from '../support/people.ts';
import { ghost, makeGroup, runTask, stackTag } from '../support/resources.ts';
import { putSecret, secretOf } from '../support/secret.ts';
import { minuteMs, secondMs } from '../support/time.ts';

export interface Run {
  readonly options?: DeploymentOptions;
  readonly act: (bastions: Deployment) => Promise<unknown>;
}

const noCapacity = async () => ({ tasks: [], failures: [{ reason: 'Capacity is unavailable at this time.' }] });

const runTaskFails: Interceptor = (call, proceed) => (call.action === 'RunTask' ? noCapacity() : proceed());

const noHandoff: Interceptor = async (call, proceed) => {
  const isHandoff = call.action === 'PutItem' && String(Object(call.input).TableName).includes('Handoff');
  if (isHandoff) throw new AwsError('InternalServerError', 'Internal server error', 500);
  return proceed();
};

/** The first answer about a task is an old one: it was still running then. */
const staleTask: Interceptor = (() => {
  let answered = false;
  return async (call, proceed) => {
    if (answered || call.action !== 'DescribeTasks') return proceed();
    answered = true;
    const [taskArn] = Object(call.input).tasks;
    return { tasks: [{ taskArn, lastStatus: 'RUNNING', desiredStatus: 'RUNNING' }], failures: [] };
  };
})();

/** One bastion from its start to its end, with all that a person can ask for in between. */
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
  await clock.advance(6 * minuteMs); // a check-up
  await bastions.call('DELETE /', arjen);
  await clock.advance(2 * minuteMs);
  const ssm = new SSMClient(inProcess(bastions.aws, clock));
  const parameter = { Name: '/bastions/keys/eve', Value: `${publicKey(3)} eve`, Type: 'String' } as const;
  await clock.run(ssm.send(new PutParameterCommand(parameter)));
  await bastions.call('POST /', { query: { user: 'eve', ttl: '10m' }, body: '' });
  await clock.advance(15 * minuteMs); // its expiry
}

const endContainer = (bastions: Deployment, name: string) =>
  bastions.containers.exit(bastions.containers.running().find((one) => one.name === name)?.taskId ?? '', name, 1);

async function startTargets(bastions: Deployment, tag: string): Promise<void> {
  const headers = { authorization: `Basic ${await secretOf(bastions)}` };
  for (const { body } of activations(tag)) {
    await bastions.call('POST /start', { headers, body: JSON.stringify(body) });
  }
}

/** A task and a security group that carry our tags, and no session. */
async function strays(bastions: Deployment): Promise<void> {
  const groupId = await makeGroup(bastions, 'bastion-lost', stackTag);
  await runTask(bastions, ghost(), stackTag, groupId);
}

async function orphans(bastions: Deployment): Promise<void> {
  await strays(bastions);
  await bastions.clock.advance(45 * minuteMs);
}

const webhook = async (bastions: Deployment, scheme: 'basic' | 'hmac') => {
  const send = async (action: 'start' | 'stop', fields: object) => {
    const [secret, body] = [await secretOf(bastions), JSON.stringify(fields)];
    const signed = hmacHeaders(secret, action, body, Math.floor(bastions.clock.now() / 1000));
    const headers = scheme === 'hmac' ? signed : { authorization: `Basic ${secret}` };
    return bastions.call(`POST /${action}`, { headers, body });
  };
  for (const { body, idName } of activations(scheme)) {
    const { json } = await send('start', body);
    await send('start', body);
    await bastions.clock.advance(minuteMs);
    await send('stop', { [idName]: json[idName] });
    await bastions.clock.advance(minuteMs);
  }
  return send;
};

/** Each webhook agent: started, asked for again, stopped; then a rotation of the secret. */
async function webhooks(bastions: Deployment): Promise<void> {
  const send = await webhook(bastions, 'basic');
  await putSecret(bastions, JSON.stringify({ current: 'a'.repeat(44), previous: await secretOf(bastions) }));
  await bastions.clock.advance(6 * minuteMs);
  await send('stop', { containerId: 'unknown' });
}

export const lives: Readonly<Record<string, Run>> = {
  'a day': { act: aDay },
  'a day on an AWS that forgets': { options: { delays: { visibilityMs: 900 } }, act: aDay },
  'an image that takes long': {
    options: { delays: { pullingMs: 40 * secondMs } },
    act: async (bastions) => {
      await bastions.call('POST /', arjen);
      await bastions.clock.advance(20 * secondMs);
      await bastions.call('GET /', arjen);
    },
  },
  'a bastion whose task ECS does not find': {
    options: { reaps: false, onCall: missing },
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
  'an interface that lingers': {
    options: { delays: { deprovisioningMs: 15 * minuteMs } },
    act: async (bastions) => {
      await bastions.call('POST /', arjen);
      await bastions.call('DELETE /', arjen);
      await bastions.call('POST /', arjen);
      await bastions.clock.advance(20 * minuteMs);
    },
  },
  'sshd that never comes up': {
    act: async (bastions) => {
      bastions.containers.exitAtStart('ready', 1);
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
    options: { onCall: runTaskFails },
    act: async (bastions) => {
      await bastions.call('POST /', arjen);
      await startTargets(bastions, 'full');
      await bastions.clock.advance(2 * minuteMs);
    },
  },
  'a group whose creation was not answered': {
    options: { onCall: once('CreateSecurityGroup', lost) },
    act: (bastions) => bastions.call('POST /', arjen),
  },
  'what no session explains': { act: orphans },
  webhooks: { act: webhooks },
  'webhooks that sign': {
    options: { environment: { WEBHOOK_HMAC: 'true' } },
    act: (bastions) => webhook(bastions, 'hmac'),
  },
  'a registration that fails': {
    act: async (bastions) => {
      for (const { kind } of activations('refused')) bastions.containers.failRegistration(kind, 3);
      await startTargets(bastions, 'refused');
      await bastions.clock.advance(2 * minuteMs);
    },
  },
  'a handoff that can not be left': {
    options: { onCall: noHandoff },
    act: (bastions) => startTargets(bastions, 'unheard'),
  },
  'targets that nobody saw end, asked for again': {
    options: { reaps: false, environment: { WEBHOOK_TTL_SECONDS: '600' }, onCall: nothingArrives },
    act: async (bastions) => {
      await startTargets(bastions, 'again');
      await bastions.clock.advance(10 * secondMs);
      for (const { taskId, name } of bastions.containers.running()) bastions.containers.exit(taskId, name, 0);
      await bastions.clock.advance(20 * minuteMs);
      await startTargets(bastions, 'again');
    },
  },
  'a target that ended and is said to run': {
    options: { reaps: false, onCall: staleTask },
    act: async (bastions) => {
      await startTargets(bastions, 'stale');
      await bastions.clock.advance(10 * secondMs);
      endContainer(bastions, 'ssm');
      await bastions.clock.advance(minuteMs);
    },
  },
  'the end of the stack': {
    options: { reaps: false, delays: { deprovisioningMs: 20 * minuteMs } },
    act: async (bastions) => {
      await bastions.call('POST /', arjen);
      await startTargets(bastions, 'last');
      await strays(bastions);
      await destroy(bastions);
    },
  },
  'a stop after a start that died': {
    options: {
      reaps: false,
      onCall: once('CreateSecurityGroup', async (proceed) => {
        await proceed();
        return new Promise(() => {});
      }),
    },
    act: async (bastions) => {
      const start = bastions.send('POST /', arjen).catch((error: unknown) => error);
      await bastions.clock.advance(2 * minuteMs);
      await start;
      await bastions.call('DELETE /', arjen);
      await bastions.clock.advance(minuteMs);
    },
  },
};
