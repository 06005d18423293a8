import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { bundle } from '../../lib/functions/bundle.ts';
import type * as everyCall from './fixtures/every-call.ts';

const folder = join(import.meta.dirname, 'fixtures');
const runtime = join(folder, 'runtime.ts');
const directories: string[] = [];

async function build() {
  const outdir = await mkdtemp(join(tmpdir(), 'bundle-test-'));
  directories.push(outdir);
  return bundle({ folder, runtime, entries: ['every-call'], outdir });
}

afterAll(() => Promise.all(directories.map((directory) => rm(directory, { recursive: true }))));

interface Answer {
  readonly status?: number;
  readonly body: string | object;
}

/** Answers every request with the next answer, and keeps what was asked. */
async function startScriptedServer() {
  const answers: Answer[] = [];
  const asked: { path: string | undefined; headers: IncomingMessage['headers']; body: string }[] = [];
  const server = createServer(async (request, response) => {
    asked.push({ path: request.url, headers: request.headers, body: await text(request) });
    const { status = 200, body } = answers.shift() ?? { status: 500, body: 'unscripted' };
    const isText = typeof body === 'string';
    response.writeHead(status, { 'content-type': isText ? 'text/xml' : 'application/x-amz-json-1.1' });
    response.end(isText ? body : JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error(`Got the address ${address}, expected a port.`);
  return { answers, asked, url: `http://127.0.0.1:${address.port}`, close: () => server.close() };
}

describe('a bundle with every SDK call', () => {
  let server: Awaited<ReturnType<typeof startScriptedServer>>;
  let dir: string;
  let aws: ReturnType<ReturnType<typeof everyCall.create>['clients']>;
  let commands: ReturnType<typeof everyCall.create>['commands'];

  beforeAll(async () => {
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIDFROMENVIRONMENT');
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'secret');
    vi.stubEnv('AWS_SESSION_TOKEN', 'token');
    server = await startScriptedServer();
    dir = (await build())['every-call'];
    const bundled: { handler: ReturnType<typeof everyCall.create> } = await import(
      /* @vite-ignore */ pathToFileURL(join(dir, 'index.mjs')).href
    );
    aws = bundled.handler.clients(server.url);
    commands = bundled.handler.commands;
  });
  afterAll(() => {
    server.close();
    vi.unstubAllEnvs();
  });

  /** Sends one command, whose answer is given; what was asked, and what the SDK made of the answer. */
  async function exchange<T>(answer: Answer, send: () => Promise<T>) {
    server.answers.push(answer);
    const result = await send().catch((error: unknown) => error);
    return { result, asked: server.asked.at(-1) };
  }

  it('has at most 400 kB', async () => {
    expect((await readFile(join(dir, 'index.mjs'))).length).toBeLessThanOrEqual(400_000);
  });

  it('has the same bytes every time, and leaves nothing else behind', async () => {
    const again = (await build())['every-call'];
    expect(await readFile(join(again, 'index.mjs'))).toEqual(await readFile(join(dir, 'index.mjs')));
    expect((await readdir(join(again, '..'), { recursive: true })).sort()).toEqual([
      'every-call',
      'every-call/index.mjs',
      'inputs.json',
    ]);
  });

  it('signs with the credentials that Lambda puts into the environment', async () => {
    const { asked } = await exchange({ body: { taskArns: [] } }, () => aws.ecs.send(new commands.ListTasksCommand({})));
    expect(asked?.headers.authorization).toContain('Credential=AKIDFROMENVIRONMENT/');
    expect(asked?.headers['x-amz-security-token']).toBe('token');
  });

  it('speaks EC2: the query protocol in, XML out', async () => {
    const create = new commands.CreateSecurityGroupCommand({
      GroupName: 'bastion-1',
      Description: 'd',
      VpcId: 'vpc-1',
      TagSpecifications: [{ ResourceType: 'security-group', Tags: [{ Key: 'bastion:session', Value: '1' }] }],
    });
    const xml =
      '<CreateSecurityGroupResponse><return>true</return><groupId>sg-1</groupId></CreateSecurityGroupResponse>';
    const created = await exchange({ body: xml }, () => aws.ec2.send(create));
    expect(Object.fromEntries(new URLSearchParams(created.asked?.body))).toMatchObject({
      Action: 'CreateSecurityGroup',
      GroupName: 'bastion-1',
      GroupDescription: 'd',
      VpcId: 'vpc-1',
      'TagSpecification.1.ResourceType': 'security-group',
      'TagSpecification.1.Tag.1.Key': 'bastion:session',
    });
    expect(created.result).toMatchObject({ GroupId: 'sg-1' });
  });

  it('reads the lists and structures that EC2 nests', async () => {
    const xml = `<DescribeSecurityGroupsResponse><securityGroupInfo><item><groupId>sg-1</groupId><ipPermissions><item>
      <ipProtocol>tcp</ipProtocol><fromPort>22</fromPort><toPort>22</toPort>
      <ipRanges><item><cidrIp>198.51.100.4/32</cidrIp></item></ipRanges>
      <ipv6Ranges><item><cidrIpv6>2001:db8::1/128</cidrIpv6></item></ipv6Ranges>
      </item></ipPermissions></item></securityGroupInfo></DescribeSecurityGroupsResponse>`;
    const described = await exchange({ body: xml }, () => aws.ec2.send(new commands.DescribeSecurityGroupsCommand({})));
    expect(described.result).toMatchObject({
      SecurityGroups: [
        {
          GroupId: 'sg-1',
          IpPermissions: [
            {
              FromPort: 22,
              IpRanges: [{ CidrIp: '198.51.100.4/32' }],
              Ipv6Ranges: [{ CidrIpv6: '2001:db8::1/128' }],
            },
          ],
        },
      ],
    });
    const address =
      '<R><networkInterfaceSet><item><association><publicIp>203.0.113.7</publicIp></association></item></networkInterfaceSet></R>';
    const { result } = await exchange({ body: address }, () =>
      aws.ec2.send(new commands.DescribeNetworkInterfacesCommand({ NetworkInterfaceIds: ['eni-1'] })),
    );
    expect(result).toMatchObject({ NetworkInterfaces: [{ Association: { PublicIp: '203.0.113.7' } }] });
  });

  it('names the errors of EC2', async () => {
    const xml =
      '<Response><Errors><Error><Code>DependencyViolation</Code><Message>in use</Message></Error></Errors></Response>';
    const { result } = await exchange({ status: 400, body: xml }, () =>
      aws.ec2.send(new commands.DeleteSecurityGroupCommand({ GroupId: 'sg-1' })),
    );
    expect(result).toMatchObject({ name: 'DependencyViolation', message: 'in use' });
  });

  it('speaks ECS, and reads what its errors carry', async () => {
    const run = new commands.RunTaskCommand({
      taskDefinition: 'ssh:1',
      overrides: { containerOverrides: [{ name: 'ssh', environment: [{ name: 'SSH_PORT', value: '22' }] }] },
      networkConfiguration: { awsvpcConfiguration: { subnets: ['subnet-1'], assignPublicIp: 'ENABLED' } },
    });
    const ran = await exchange(
      { body: { tasks: [{ taskArn: 'arn:1', createdAt: 1_700_000_000 }], failures: [] } },
      () => aws.ecs.send(run),
    );
    expect(ran.asked?.headers['x-amz-target']).toBe('AmazonEC2ContainerServiceV20141113.RunTask');
    expect(JSON.parse(ran.asked?.body ?? '')).toMatchObject(run.input);
    expect(ran.result).toMatchObject({ tasks: [{ taskArn: 'arn:1', createdAt: new Date(1_700_000_000_000) }] });

    const conflict = { __type: 'ConflictException', message: 'again', resourceIds: ['arn:1'] };
    const { result } = await exchange({ status: 400, body: conflict }, () => aws.ecs.send(run));
    expect(result).toMatchObject({ name: 'ConflictException', message: 'again', resourceIds: ['arn:1'] });
  });

  it('speaks DynamoDB', async () => {
    const get = new commands.GetItemCommand({ TableName: 't', Key: { pk: { S: 'session#1' } } });
    const got = await exchange({ body: { Item: { pk: { S: 'session#1' }, reapAt: { N: '7' } } } }, () =>
      aws.dynamodb.send(get),
    );
    expect(JSON.parse(got.asked?.body ?? '')).toEqual(get.input);
    expect(got.result).toMatchObject({ Item: { pk: { S: 'session#1' }, reapAt: { N: '7' } } });

    const put = new commands.PutItemCommand({ TableName: 't', Item: { pk: { S: 'session#1' } } });
    const failed = { __type: 'com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException', message: 'no' };
    const { result } = await exchange({ status: 400, body: failed }, () => aws.dynamodb.send(put));
    expect(result).toMatchObject({ name: 'ConditionalCheckFailedException', message: 'no' });
  });

  it('reads secrets, and parameters', async () => {
    const secret = new commands.GetSecretValueCommand({ SecretId: 'arn:secret' });
    const read = await exchange({ body: { ARN: 'arn:secret', SecretString: '{"current":"x"}' } }, () =>
      aws.secrets.send(secret),
    );
    expect(read.asked?.headers['x-amz-target']).toBe('secretsmanager.GetSecretValue');
    expect(JSON.parse(read.asked?.body ?? '')).toEqual(secret.input);
    expect(read.result).toMatchObject({ SecretString: '{"current":"x"}' });

    const missing = { __type: 'ParameterNotFound', message: 'no' };
    const { result, asked } = await exchange({ status: 400, body: missing }, () =>
      aws.ssm.send(new commands.GetParameterCommand({ Name: '/bastions/keys/arjen' })),
    );
    expect(asked?.headers['x-amz-target']).toBe('AmazonSSM.GetParameter');
    expect(result).toMatchObject({ name: 'ParameterNotFound', message: 'no' });
  });

  it('invokes functions', async () => {
    const invoke = new commands.InvokeCommand({
      FunctionName: 'teardown',
      InvocationType: 'Event',
      Payload: '{"a":1}',
    });
    const { result, asked } = await exchange({ status: 202, body: '' }, () => aws.lambda.send(invoke));
    expect(asked).toMatchObject({ path: '/2015-03-31/functions/teardown/invocations', body: '{"a":1}' });
    expect(asked?.headers['x-amz-invocation-type']).toBe('Event');
    expect(result).toMatchObject({ StatusCode: 202 });
  });
});
