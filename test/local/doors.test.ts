/** Which requests both ports of the local run accept: those of this user's programs, and no web page's but the API's own. */
import { connect } from 'node:net';
import { networkInterfaces } from 'node:os';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createAws, type EmulatedAws } from '../../emulator/aws.ts';
import { realClock } from '../../emulator/clock.ts';
import type { ListeningServer } from '../../emulator/listen.ts';
import { serveAws } from '../../emulator/server.ts';
import { serveGateway } from '../../local/gateway/gateway.ts';
import { noOtherUser, otherUid, runAsNobody } from '../support/another-user.ts';
import { ScriptedContainers } from '../support/scripted-containers.ts';
import { run } from '../support/ssh.ts';

let aws: EmulatedAws;
let servers: Record<'api' | 'aws', ListeningServer>;
const performed: string[] = [];

beforeAll(async () => {
  aws = createAws({
    clock: realClock,
    containerHost: new ScriptedContainers(realClock),
    onCall: (call, proceed) => {
      performed.push(call.action);
      return proceed();
    },
  });
  const api = await serveGateway({
    port: 0,
    accountId: aws.accountId,
    callerArn: 'arn:aws:iam::000000000000:user/ann',
    stack: () => ({
      routes: ['GET /', 'POST /'].map((key) => ({ key, functionArn: key, authorizer: { kind: 'iam' } })),
      throttle: { rateLimit: 1000, burstLimit: 1000 },
    }),
    invoke: async (key) => {
      performed.push(key);
      return { payload: '{"statusCode":200}' };
    },
  });
  servers = { api, aws: await serveAws(aws, { port: 0 }) };
});

afterAll(async () => {
  await Promise.all([servers.api.close(), servers.aws.close()]);
  await aws.close();
});

type Door = keyof typeof servers;
const operation = 'X-Amz-Target: AmazonEC2ContainerServiceV20141113.ListClusters';

interface Answer {
  readonly status: number;
  /** The status line and the headers. */
  readonly head: string;
  readonly body: string;
  /** What the request has made the functions or the account do. */
  readonly performed: readonly string[];
}

/** Sends a request with exactly these headers. In them `PORT` stands for the port. */
async function send(door: Door, headers: readonly string[], line = 'POST /'): Promise<Answer> {
  const { port } = new URL(servers[door].url);
  performed.length = 0;
  const socket = connect(Number(port), '127.0.0.1');
  const lines = [`${line} HTTP/1.0`, ...headers, 'Content-Length: 2', '', '{}'];
  socket.write(lines.join('\r\n').replaceAll('PORT', port));
  const [head = '', body = ''] = (await text(socket)).split('\r\n\r\n');
  return { status: Number(head.split(' ')[1]), head, body, performed: [...performed] };
}

const host = 'Host: 127.0.0.1:PORT';

describe.each<Door>(['api', 'aws'])('a request to the port of %s', (door) => {
  it.each(['127.0.0.1:PORT', 'localhost:PORT', 'LocalHost:PORT', '127.0.0.1', 'localhost'])(
    'for the host %s is accepted',
    async (name) => {
      const { status, performed } = await send(door, [`Host: ${name}`, operation]);
      expect({ status, performed }).toEqual({ status: 200, performed: [expect.any(String)] });
    },
  );

  it.each([
    [['Host: evil.example:PORT']],
    [['Host: evil.example']],
    [['Host: 127.0.0.1.evil.example:PORT']],
    [['Host: localhost.evil.example:PORT']],
    [['Host: localhost.:PORT']],
    [['Host: evil.example@127.0.0.1:PORT']],
    [['Host: 127.0.0.1:PORT@evil.example']],
    [['Host: 127.0.0.1:1']],
    [['Host: 127.0.0.2:PORT']],
    [['Host: 0.0.0.0:PORT']],
    [['Host: [::1]:PORT']],
    [['Host: 172.18.0.1:PORT']],
    [['Host:']],
    [[]],
    [[host, 'Host: evil.example']],
    [['Host: evil.example', host, 'X-Forwarded-Host: 127.0.0.1:PORT']],
  ])('with %j is refused before anything is done', async (headers) => {
    const { status, body, performed } = await send(door, [...headers, operation]);
    expect({ status, performed }).toEqual({ status: 403, performed: [] });
    expect(body).toMatch(/Host: got .*, expected 127\.0\.0\.1:\d+ or localhost:\d+\./);
  });

  it.each([
    [['Origin: null']],
    [['Origin: https://evil.example']],
    [['Origin: http://evil.example:PORT']],
    [['Origin: https://127.0.0.1:PORT']],
    [['Origin: http://127.0.0.1']],
    [['Origin: http://127.0.0.1:1']],
    [['Origin: http://127.0.0.2:PORT']],
    [['Origin: http://localhost.evil.example:PORT']],
    [['Origin:']],
    [['Origin: http://127.0.0.1:PORT', 'Origin: http://evil.example']],
  ])('with %j is refused before anything is done', async (headers) => {
    const { status, body, performed } = await send(door, [host, ...headers, operation]);
    expect({ status, performed }).toEqual({ status: 403, performed: [] });
    expect(body).toMatch(/Origin: got .*, expected none.* web page may call this port\./);
  });
});

describe.each(['127.0.0.1', 'localhost'])('a page of the API itself, at %s,', (name) => {
  const headers = [`Host: ${name}:PORT`, `Origin: http://${name}:PORT`, operation];

  it('may call the API', async () => {
    expect(await send('api', headers)).toMatchObject({ status: 200, performed: ['POST /'] });
  });

  it('may not call the AWS port', async () => {
    expect(await send('aws', headers)).toMatchObject({ status: 403, performed: [] });
  });
});

it('a GET, which a page can send without an Origin, makes the AWS port do nothing', async () => {
  const { status, performed } = await send('aws', [host], 'GET /?Action=DescribeVpcs&Version=2016-11-15');
  expect({ status, performed }).toEqual({ status: 400, performed: [] });
});

describe('a refusal', () => {
  const evil = [host, 'Origin: https://evil.example'];

  it('of the API has the form of its errors, and ends the connection', async () => {
    const { head, body } = await send('api', evil);
    expect(head).toMatch(/\r\ncontent-type: application\/json\r\nx-request-id: [0-9a-f-]{36}\r\nconnection: close/);
    const { port } = new URL(servers.api.url);
    const ErrorMessage =
      `Origin: got "https://evil.example", expected none or http://127.0.0.1:${port} or http://localhost:${port}. ` +
      'No other web page may call this port.';
    expect(body).toBe(`${JSON.stringify({ ErrorMessage })}\n`);
  });

  it('of the AWS port has the form of the protocol', async () => {
    const ofJson = await send('aws', [...evil, operation]);
    expect(ofJson.body).toMatch(/^\{"__type":"AccessDeniedException","message":"Origin: got /);
    const ofQuery = await send('aws', [...evil, 'Content-Type: application/x-www-form-urlencoded']);
    expect(ofQuery.body).toMatch(/<Code>AccessDeniedException<\/Code><Message>Origin: got /);
  });
});

describe('another user of this machine', () => {
  beforeEach(({ skip }) => skip(noOtherUser !== undefined, noOtherUser));

  const post = (source: string) => ['-sS', '-i', '--interface', source, '-d', '{}', '-H', operation];

  it.each<Door>(['api', 'aws'])('is refused by the port of %s, which accepts its own user', async (door) => {
    const { url } = servers[door];
    performed.length = 0;
    const { stdout } = await runAsNobody('curl', [...post('127.0.0.9'), url]);
    expect(stdout).toMatch(/^HTTP\/1\.1 403 /);
    expect(stdout).toContain(`Got a program of the user with uid ${otherUid}, expected one of the user who runs this`);
    expect(performed).toEqual([]);
    expect((await run('curl', [...post('127.0.0.9'), url])).stdout).toMatch(/^HTTP\/1\.1 200 /);
  });

  it('is refused from each address of the machine', async () => {
    const addresses = Object.values(networkInterfaces()).flatMap((all = []) => all);
    performed.length = 0;
    for (const { address } of addresses.filter(({ family }) => family === 'IPv4')) {
      const { stdout } = await runAsNobody('curl', [...post(address), servers.api.url]);
      expect(stdout).toMatch(/^HTTP\/1\.1 403 /);
    }
    expect(performed).toEqual([]);
  });
});
