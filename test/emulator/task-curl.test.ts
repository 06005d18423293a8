/** Calls the account with curl as an entrypoint does, over a socket and with curl's own signatures. */
import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { ECSClient, RunTaskCommand } from '@aws-sdk/client-ecs';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { createAws, type EmulatedAws } from '../../emulator/aws.ts';
import { realClock } from '../../emulator/clock.ts';
import type { ListeningServer } from '../../emulator/listen.ts';
import { serveAws } from '../../emulator/server.ts';
import { ScriptedContainers } from '../support/scripted-containers.ts';
import { run } from '../support/ssh.ts';
import { addPlace, cluster, roleArn, subnetId } from './emulated.ts';
import { handoffTable, makeHandoffs, roleId } from './handoff-task.ts';

const atOnce = { provisioningMs: 0, pendingMs: 0, pullingMs: 0, deprovisioningMs: 0 };
const script = `
  set -eu
  curl="curl -sS --max-time 10"
  credentials=$($curl -H "Authorization: $AWS_CONTAINER_AUTHORIZATION_TOKEN" "$AWS_CONTAINER_CREDENTIALS_FULL_URI")
  of() { jq -r ".$1" <<<"$credentials"; }
  signed() { $curl --aws-sigv4 "aws:amz:$AWS_REGION:$1" -u "$(of AccessKeyId):$(of SecretAccessKey)" -H "x-amz-security-token: $(of Token)" "\${@:2}" "$AWS_ENDPOINT_URL/"; }
  signed sts -d 'Action=GetCallerIdentity&Version=2011-06-15'; echo
  signed dynamodb -H 'content-type: application/x-amz-json-1.0' -H 'x-amz-target: DynamoDB_20120810.GetItem' \\
    -d "{\\"TableName\\":\\"$HANDOFF_TABLE\\",\\"Key\\":{\\"pk\\":{\\"S\\":\\"$KEY\\"}}}"; echo
`;

let aws: EmulatedAws;
let server: ListeningServer;
const containers = new ScriptedContainers(realClock);

beforeAll(async () => {
  aws = createAws({ clock: realClock, containerHost: containers, delays: atOnce });
  server = await serveAws(aws, { port: 0 });
  await makeHandoffs(aws);
  addPlace(aws);
});

afterAll(async () => {
  await server.close();
  await aws.close();
});

test('curl in a task signs for STS and DynamoDB, and gets only its own item', async () => {
  const { arn: taskDefinition } = aws.ecs.registerTaskDefinition({
    family: 'agent',
    taskRoleArn: roleArn('handoff'),
    containerDefinitions: [{ name: 'agent', image: 'agent:1' }],
  });
  const sdk = {
    endpoint: server.url,
    region: aws.region,
    credentials: { accessKeyId: 'test', secretAccessKey: 'not-checked' },
  };
  const { tasks: [task] = [] } = await new ECSClient(sdk).send(
    new RunTaskCommand({
      cluster,
      taskDefinition,
      networkConfiguration: { awsvpcConfiguration: { subnets: [subnetId] } },
    }),
  );
  const own = `${roleId}:${task?.taskArn?.split('/').at(-1)}`;
  for (const key of [own, 'other']) {
    const Item = { pk: { S: key }, values: { M: { ACTIVATION_ID: { S: `of ${key}` } } } };
    await new DynamoDBClient(sdk).send(new PutItemCommand({ TableName: handoffTable, Item }));
  }
  const [container] = await vi.waitUntil(() => containers.running().length > 0 && containers.running());
  const environment = { ...container?.environment, PATH: process.env.PATH, HANDOFF_TABLE: handoffTable };
  expect(environment).toMatchObject({ AWS_ENDPOINT_URL: server.url });

  const mine = await run('bash', ['--norc', '-c', script], { ...environment, KEY: own });
  expect(mine).toMatchObject({ code: 0, stderr: '' });
  expect(mine.stdout).toContain(`<UserId>${own}</UserId>`);
  expect(mine.stdout).toContain(`{"ACTIVATION_ID":{"S":"of ${own}"}}`);

  const theirs = await run('bash', ['--norc', '-c', script], { ...environment, KEY: 'other' });
  expect(theirs.stdout).toContain('AccessDeniedException');
  expect(theirs.stdout).not.toContain('of other');

  const forged = script.replace('$(of SecretAccessKey)', 'guessed');
  expect((await run('bash', ['--norc', '-c', forged], environment)).stdout).toContain('InvalidSignatureException');
});
