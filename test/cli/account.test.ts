/** Calls to AWS with a person's own credentials, against the emulated AWS and a server that keeps the request. */

import { writeFile } from 'node:fs/promises';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { AwsClient } from 'aws4fetch';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Account } from '../../cli/account/account.ts';
import { caches } from '../../cli/account/caches.ts';
import { databases } from '../../cli/account/databases.ts';
import { serviceUrl } from '../../cli/account/endpoint.ts';
import { arnOfCaller } from '../../cli/account/identity.ts';
import { findPlace } from '../../cli/account/places.ts';
import { accountRegion } from '../../cli/account/region.ts';
import { apiUrlOf } from '../../cli/account/stack.ts';
import { sweep, sweepText } from '../../cli/account/sweep.ts';
import type { Values } from '../../cli/state/settings.ts';
import { listen } from '../../emulator/listen.ts';
import { AwsError } from '../../emulator/wire.ts';
import { makeTemporaryFolder } from '../support/temporary-folder.ts';
import { startLookedUp } from './looked-up.ts';

afterEach(() => vi.unstubAllEnvs());

const settingsOf = (values: Values) => ({ values, origins: {}, tunnels: {} });

/** The account at an endpoint, of a person with the profile `work`. */
const accountAt = (url: string) =>
  new Account('us-east-1', settingsOf({ profile: 'work' }), { AWS_ENDPOINT_URL: url }, { detail: () => {} });

describe('a look-up', () => {
  const place = { host: '127.0.0.1', port: 5432 };

  it.each([
    [databases, 'orders', { ...place, engine: 'postgres' }],
    [databases, 'Orders', { ...place, engine: 'postgres' }],
    [databases, 'ledger', { ...place, engine: 'aurora-mysql' }],
    [caches, 'sharded', { ...place, engine: 'valkey', refersElsewhere: true }],
    [caches, 'sessions', { ...place, engine: 'redis', refersElsewhere: false }],
    [caches, 'pages', { ...place, engine: 'memcached' }],
    [caches, 'less', { ...place, engine: 'valkey' }],
  ])('%# finds the place of %s', async (kinds, id, expected) => {
    await using aws = await startLookedUp();
    expect(await findPlace(accountAt(aws.url), kinds, id)).toEqual(expected);
  });

  it.each([
    [
      databases,
      'order',
      /^No RDS instance or Aurora cluster is called order in us-east-1\. The nearest of 3 is orders\./,
    ],
    [databases, 'young', /^The RDS instance young is creating and has no address yet\./],
    [caches, 'session', /^No replication group or cache cluster or serverless cache .* The nearest of 4 is sessions\./],
  ])('%# of %s ends with %s', async (kinds, id, message) => {
    await using aws = await startLookedUp();
    await expect(findPlace(accountAt(aws.url), kinds, id)).rejects.toThrow(message);
  });

  it('of an id says no more than AWS, if the list is denied', async () => {
    await using aws = await startLookedUp(({ input }, proceed) => {
      if (JSON.stringify(input) === '{}') throw new AwsError('AccessDenied', 'not you', 403);
      return proceed();
    });
    await expect(findPlace(accountAt(aws.url), databases, 'order')).rejects.toThrow(/us-east-1\. Check the id/);
  });

  it('of a stack without the output lists those that it has, and an unknown stack is named', async () => {
    await using aws = await startLookedUp();
    await expect(apiUrlOf(accountAt(aws.url), 'Shop')).rejects.toThrow(/^The stack Shop \(CREATE_COMPLETE\) has Url,/);
    await expect(apiUrlOf(accountAt(aws.url), 'None')).rejects.toThrow(/^No stack is called None in us-east-1/);
    await expect(apiUrlOf(accountAt(aws.url), 'a b')).rejects.toThrow(/^--stack: got "a b"/);
  });
});

describe('a refusal of AWS', () => {
  const skew = 'Signature expired: 20261127T070000Z is now earlier than 20261127T080000Z (20261127T081500Z - 15 min.)';

  it.each([
    [
      new AwsError('ExpiredToken', 'The security token included in the request is expired', 403),
      1,
      'The security token included in the request is expired. Sign in again, for example with "aws sso login --profile work" or "aws login".',
    ],
    [
      new AwsError('SignatureDoesNotMatch', skew, 403),
      1,
      /^Signature expired: .* This machine's clock says .* GMT, AWS's says .* GMT\. Set it right/,
    ],
    [
      new AwsError('AccessDenied', 'Not for you', 403),
      4,
      'Not for you. Your identity needs cloudformation:DescribeStacks.',
    ],
    [new AwsError('Throttling', 'Rate exceeded'), 5, 'Rate exceeded. Try again in a few seconds.'],
    [new AwsError('InternalFailure', 'Broken', 500), 1, 'Broken.'],
  ])('%s ends with %d and says %s', async (error, exitCode, message) => {
    await using aws = await startLookedUp(() => Promise.reject(error));
    await expect(apiUrlOf(accountAt(aws.url), 'Shop')).rejects.toMatchObject({
      exitCode,
      message: typeof message === 'string' ? message : expect.stringMatching(message),
    });
  });

  it('without XML is told by its status', async () => {
    const { url, close } = await answering(502, {}, 'Bad gateway');
    await expect(apiUrlOf(accountAt(url), 'Shop')).rejects.toThrow(/^AWS answered 502 without a reason\.$/);
    await close();
  });
});

/** A server with one answer, and what it was asked. */
async function answering(status: number, headers: Record<string, string>, body: string) {
  const asked: { path?: string; headers?: IncomingHttpHeaders; body?: string } = {};
  const server = createServer(async (request, response) => {
    Object.assign(asked, { path: request.url, headers: request.headers, body: await text(request) });
    response.writeHead(status, headers).end(body);
  });
  const { url, close } = await listen(server, { port: 0, title: 'the answer', portVariable: 'PORT' });
  return { url, close, asked };
}

it('a request has the signature that aws4fetch makes of it, for its service and region', async () => {
  const xml = `<DescribeStacksResponse><DescribeStacksResult><Stacks><member><StackStatus>X</StackStatus><Outputs>
    <member><OutputKey>ApiUrl</OutputKey><OutputValue>https://a.example</OutputValue></member>
    </Outputs></member></Stacks></DescribeStacksResult></DescribeStacksResponse>`;
  const { url, close, asked } = await answering(200, {}, xml);
  expect(await apiUrlOf(accountAt(url), 'Shop')).toBe('https://a.example');
  const judge = new AwsClient({
    accessKeyId: 'local',
    secretAccessKey: 'not-checked',
    region: 'us-east-1',
    service: 'cloudformation',
  });
  const { headers, body = '' } = asked;
  const aws = { datetime: String(headers?.['x-amz-date']) };
  const theirs = await judge.sign(`${url}/`, { method: 'POST', body, aws });
  expect(headers?.authorization).toBe(theirs.headers.get('authorization'));
  expect(body).toBe('Action=DescribeStacks&Version=2010-05-15&StackName=Shop');
  await close();
});

it('the caller has the name that AWS gives it', async () => {
  await using aws = await startLookedUp();
  expect(await arnOfCaller(accountAt(aws.url))).toBe('arn:aws:iam::000000000000:root');
});

it('an answer with a host that is none is refused', async () => {
  const endpoint = '<Endpoint><Address>-oProxyCommand=x</Address><Port>1</Port></Endpoint>';
  const instance = `<DBInstanceIdentifier>x</DBInstanceIdentifier><DBInstanceStatus>x</DBInstanceStatus><Engine>x</Engine>${endpoint}`;
  const xml = `<DescribeDBInstancesResponse><DescribeDBInstancesResult><DBInstances><DBInstance>${instance}</DBInstance></DBInstances></DescribeDBInstancesResult></DescribeDBInstancesResponse>`;
  const { url, close } = await answering(200, {}, xml);
  await expect(findPlace(accountAt(url), databases, 'x')).rejects.toThrow(
    /DescribeDBInstances cannot be used .*host name/,
  );
  await close();
});

describe('a sweep', () => {
  const orphans = [
    { resource: { kind: 'task', id: 'arn:x', sessionId: 's' }, session: 'stopped', outcome: 'removable' },
    { resource: { kind: 'security group', id: 'sg-1' }, session: 'unknown', outcome: 'not-ours' },
  ];

  it('calls the function of the stack, and puts each finding into words', async () => {
    const { url, close, asked } = await answering(200, {}, JSON.stringify({ orphans }));
    const report = await sweep(accountAt(url), 'Shop', true);
    expect(sweepText(report, true)).toBe(
      'task arn:x: session s is stopped; would be removed\nsecurity group sg-1: names no session; left alone: it has a name like ours, but not our tag',
    );
    expect(asked).toMatchObject({ path: '/2015-03-31/functions/Shop-sweeper/invocations', body: '{"dryRun":true}' });
    await close();
  });

  it.each([
    [
      404,
      { 'x-amzn-errortype': 'ResourceNotFoundException:http://x/' },
      { Message: 'Function not found' },
      /^There is no function Shop-sweeper in us-east-1/,
    ],
    [
      403,
      { 'x-amzn-errortype': 'AccessDeniedException' },
      { Message: 'Not you' },
      /^Not you\. Your identity needs lambda:InvokeFunction\./,
    ],
    [
      200,
      { 'x-amz-function-error': 'Unhandled' },
      { errorMessage: 'Broken' },
      /^The function Shop-sweeper failed: Broken/,
    ],
  ])('that gets %d %j %j says %s', async (status, headers, body, message) => {
    const { url, close } = await answering(status, headers, JSON.stringify(body));
    await expect(sweep(accountAt(url), 'Shop', true)).rejects.toThrow(message);
    await close();
  });
});

it.each([
  ['rds', 'eu-west-1', {}, 'https://rds.eu-west-1.amazonaws.com'],
  ['rds', 'cn-north-1', {}, 'https://rds.cn-north-1.amazonaws.com.cn'],
  ['rds', 'eu-west-1', { AWS_ENDPOINT_URL: 'https://a.example/' }, 'https://a.example'],
  [
    'rds',
    'eu-west-1',
    { AWS_ENDPOINT_URL: 'https://a.example', AWS_ENDPOINT_URL_RDS: 'https://b.example' },
    'https://b.example',
  ],
  [
    'rds',
    'eu-west-1',
    { AWS_ENDPOINT_URL: 'https://a.example', AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: 'true' },
    'https://rds.eu-west-1.amazonaws.com',
  ],
])('%s in %s with %j is at %s', (service, region, env, url) => {
  expect(serviceUrl(service, region, env).url).toBe(url);
});

describe('the region', () => {
  const url = 'https://a.execute-api.eu-west-1.amazonaws.com';
  it.each([
    [{ values: { url, region: 'us-west-2' }, origins: { region: 'the command line' } }, {}, 'us-west-2'],
    [{ values: { url, region: 'us-west-2' }, origins: { region: 'the environment' } }, {}, 'eu-west-1'],
    [{ values: { region: 'us-west-2' }, origins: {} }, {}, 'us-west-2'],
    [{ values: { profile: 'work' }, origins: {} }, {}, 'ap-south-1'],
    [{ values: {}, origins: {} }, { AWS_ENDPOINT_URL: 'http://127.0.0.1:1' }, 'us-east-1'],
  ])('of %j with %j is %s', async (settings, env, region) => {
    await using folder = await makeTemporaryFolder('profiles');
    const file = join(folder.path, 'config');
    await writeFile(file, '[profile work]\nregion = ap-south-1\n');
    vi.stubEnv('AWS_CONFIG_FILE', file);
    expect(await accountRegion({ ...settings, tunnels: {} }, env)).toBe(region);
  });

  it.each([
    [{}, /^No region is set\. Pass --region/],
    [{ region: 'x/y' }, /^region: got "x\/y", expected one such as eu-west-1/],
  ])('of %j is missed in a sentence', async (values, message) => {
    vi.stubEnv('AWS_CONFIG_FILE', '/dev/null');
    vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', '/dev/null');
    await expect(accountRegion(settingsOf(values), {})).rejects.toThrow(message);
  });
});
