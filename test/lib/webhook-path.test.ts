/** The setting `webhookPath`, and the throttle that it keeps for the service. */
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { ListeningServer } from '../../emulator/listen.ts';
import { readStack, type Stack } from '../../local/cloudformation/stack.ts';
import { serveGateway } from '../../local/gateway/gateway.ts';
import { place, synthesize } from './synthesize.ts';

const webhookPath = '5f0c2d9a7be34416a1f2';
const started = { payload: JSON.stringify({ statusCode: 200 }) };

let synthesis: Awaited<ReturnType<typeof synthesize>>;
let hidden: Stack;
let open: Stack;

beforeAll(async () => {
  synthesis = await synthesize({ webhookPath });
  hidden = readStack(synthesis.app.synth().directory, place);
  open = readStack((await synthesize()).app.synth().directory, place);
});

let server: ListeningServer | undefined;
afterEach(() => server?.close());

/** Serves a stack's routes, and counts the requests that reach a function. */
async function serve(stack: Stack) {
  const reached: string[] = [];
  server = await serveGateway({
    port: 0,
    accountId: place.accountId,
    callerArn: 'arn:aws:iam::123456789012:user/ann',
    // A bucket that is empty after the first request, however slow the machine is.
    stack: () => ({ ...stack, throttle: { rateLimit: 1, burstLimit: 1 } }),
    invoke: async (functionArn) => {
      reached.push(functionArn);
      return started;
    },
  });
  const { url } = server;
  const post = async (path: string) => (await fetch(`${url}${path}`, { method: 'POST' })).status;
  return { reached, post };
}

describe('the webhooks', () => {
  const keysOf = ({ routes }: Stack) =>
    routes.filter(({ authorizer }) => authorizer === undefined).map(({ key }) => key);

  it('have their path in each route, and leave /health to monitors', () => {
    expect(keysOf(open).sort()).toEqual(['GET /health', 'POST /start', 'POST /stop']);
    expect(keysOf(hidden).sort()).toEqual([
      `GET /${webhookPath}/health`,
      'GET /health',
      `POST /${webhookPath}/start`,
      `POST /${webhookPath}/stop`,
    ]);
  });

  it('have their path in each output', () => {
    for (const [name, path] of [
      ['WebhookStartUrl', 'start'],
      ['WebhookStopUrl', 'stop'],
      ['WebhookHealthUrl', 'health'],
    ] as const) {
      expect(synthesis.resolved.output(name)).toBe(`https://api.test/${webhookPath}/${path}`);
    }
  });
});

describe('a stranger who sends more than the throttle allows', () => {
  const flood = Array.from({ length: 50 });

  it('keeps right webhooks out if they share the path', async () => {
    const { post } = await serve(open);
    const statuses = await Promise.all(flood.map(() => post('/start')));
    expect(statuses).toContain(429);
  });

  it('reaches no function and keeps nobody out if they do not know the path', async () => {
    const { post, reached } = await serve(hidden);
    const statuses = await Promise.all(flood.map((_, guess) => post(guess % 2 === 0 ? '/start' : `/${guess}/start`)));
    expect(new Set(statuses)).toEqual(new Set([404]));
    expect(reached).toEqual([]);
    expect(await post(`/${webhookPath}/start`)).toBe(200);
  });
});
