/** Scenarios of targets, which webhooks start and stop. */
import { AwsError, type Interceptor } from '../../emulator/wire.ts';
import { activations, hmacHeaders } from '../support/activations.ts';
import type { Deployment } from '../support/deployment.ts';
import { noCapacity, nothingArrives } from '../support/interceptors.ts';
import { putSecret, secretOf } from '../support/secret.ts';
import { minuteMs, secondMs } from '../support/time.ts';
import { endContainer } from './people-scenarios.ts';
import type { Scenario } from './scenario.ts';

const noHandoff: Interceptor = async (call, proceed) => {
  const isHandoff = call.action === 'PutItem' && String(Object(call.input).TableName).includes('Handoff');
  if (isHandoff) throw new AwsError('InternalServerError', 'Internal server error', 500);
  return proceed();
};

/** The first answer about a task is stale, and says that it still runs. */
const staleTask = (): Interceptor => {
  let isStale = true;
  return async (call, proceed) => {
    if (!isStale || call.action !== 'DescribeTasks') return proceed();
    isStale = false;
    const [taskArn] = Object(call.input).tasks;
    return { tasks: [{ taskArn, lastStatus: 'RUNNING', desiredStatus: 'RUNNING' }], failures: [] };
  };
};

/** The function TaskStopped hears of no task. */
const noTaskEvents: Interceptor = async (call, proceed) =>
  call.kind === 'delivery' && call.service === 'events' ? undefined : proceed();

const basicHeaders = async (bastions: Deployment) => ({ authorization: `Basic ${await secretOf(bastions)}` });

/** Starts one target of each kind. @param tag makes their activations differ from others' @returns the names for `/stop` */
export async function startTargets(bastions: Deployment, tag: string): Promise<Record<string, string>[]> {
  const headers = await basicHeaders(bastions);
  const names: Record<string, string>[] = [];
  for (const { body, idName } of activations(tag)) {
    const { json } = await bastions.call('POST /start', { headers, body: JSON.stringify(body) });
    names.push({ [idName]: json[idName] });
  }
  return names;
}

async function stopTargets(bastions: Deployment, names: readonly Record<string, string>[]): Promise<void> {
  const headers = await basicHeaders(bastions);
  for (const name of names) await bastions.call('POST /stop', { headers, body: JSON.stringify(name) });
}

function endAllContainers(bastions: Deployment): void {
  for (const { taskId, name } of bastions.containers.running()) bastions.containers.exit(taskId, name, 0);
}

/** Starts each target twice and stops it. @returns the function that sends a request of this scheme */
const startAndStopTargets = async (bastions: Deployment, scheme: 'basic' | 'hmac') => {
  const send = async (action: 'start' | 'stop', fields: object) => {
    const [secret, body] = [await secretOf(bastions), JSON.stringify(fields)];
    const signed = hmacHeaders(secret, action, body, Math.floor(bastions.clock.now() / secondMs));
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

export const webhookScenarios: Readonly<Record<string, Scenario>> = {
  'targets that are started twice, stopped, and the secret rotated': {
    act: async (bastions) => {
      const send = await startAndStopTargets(bastions, 'basic');
      await putSecret(bastions, JSON.stringify({ current: 'a'.repeat(44), previous: await secretOf(bastions) }));
      await bastions.clock.advance(6 * minuteMs);
      await send('stop', { containerId: 'unknown' });
    },
  },
  'webhooks that sign': {
    options: () => ({ environment: { WEBHOOK_HMAC: 'true' } }),
    act: (bastions) => startAndStopTargets(bastions, 'hmac'),
  },
  'two starts of one target at once': {
    act: async (bastions) => {
      const [activation] = activations('twice');
      const request = { headers: await basicHeaders(bastions), body: JSON.stringify(activation?.body) };
      const start = () => bastions.send('POST /start', request);
      await bastions.clock.run(Promise.all([start(), start()]));
    },
  },
  'targets without capacity': {
    options: () => ({ onCall: noCapacity }),
    act: async (bastions) => {
      const headers = await basicHeaders(bastions);
      for (const { body } of activations('full'))
        await bastions.call('POST /start', { headers, body: JSON.stringify(body) });
      await bastions.clock.advance(2 * minuteMs);
    },
  },
  'a registration that fails': {
    act: async (bastions) => {
      bastions.containers.failAgents(() => ({ code: 3, afterMs: 0 }));
      await startTargets(bastions, 'refused');
      await bastions.clock.advance(2 * minuteMs);
    },
  },
  'a handoff that can not be written': {
    options: () => ({ onCall: noHandoff }),
    act: async (bastions) => {
      const headers = await basicHeaders(bastions);
      for (const { body } of activations('unheard'))
        await bastions.call('POST /start', { headers, body: JSON.stringify(body) });
    },
  },
  'targets whose end goes unnoticed, started again': {
    options: () => ({ reaps: false, environment: { WEBHOOK_TTL_SECONDS: '600' }, onCall: nothingArrives }),
    act: async (bastions) => {
      await startTargets(bastions, 'again');
      await bastions.clock.advance(10 * secondMs);
      endAllContainers(bastions);
      await bastions.clock.advance(20 * minuteMs);
      await startTargets(bastions, 'again');
    },
  },
  'targets whose end goes unnoticed, stopped': {
    options: () => ({ reaps: false, onCall: noTaskEvents }),
    act: async (bastions) => {
      const names = await startTargets(bastions, 'unnoticed');
      await bastions.clock.advance(10 * secondMs);
      endAllContainers(bastions);
      await bastions.clock.advance(minuteMs);
      await stopTargets(bastions, names);
      await bastions.clock.advance(minuteMs);
    },
  },
  'targets whose end only the reaper notices': {
    options: () => ({ reaps: false, onCall: nothingArrives }),
    act: async (bastions) => {
      await startTargets(bastions, 'reaped');
      await bastions.clock.advance(10 * secondMs);
      endAllContainers(bastions);
      await bastions.clock.advance(6 * minuteMs);
      await bastions.invoke('Reaper');
    },
  },
  'a target that ended and is said to run': {
    options: () => ({ reaps: false, onCall: staleTask() }),
    act: async (bastions) => {
      await startTargets(bastions, 'stale');
      await bastions.clock.advance(10 * secondMs);
      endContainer(bastions, 'ssm');
      await bastions.clock.advance(minuteMs);
    },
  },
};
