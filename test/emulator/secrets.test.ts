import {
  DescribeSecretCommand,
  GetSecretValueCommand,
  type GetSecretValueCommandInput,
  PutSecretValueCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { expect, test } from 'vitest';
import { inProcess } from '../../emulator/in-process.ts';
import { arn as arnOf, emulated, refusal } from './emulated.ts';

function withSecret() {
  const { clock, aws } = emulated();
  const client = new SecretsManagerClient(inProcess(aws, clock, { maxAttempts: 1 }));
  const { arn } = aws.secrets.createSecret({ name: 'webhook', value: 'one' });
  const read = (input: Partial<GetSecretValueCommandInput> = {}) =>
    client.send(new GetSecretValueCommand({ SecretId: 'webhook', ...input }));
  const put = (SecretString: string, ClientRequestToken?: string) =>
    clock.run(client.send(new PutSecretValueCommand({ SecretId: arn, SecretString, ClientRequestToken })));
  const describe = () => clock.run(client.send(new DescribeSecretCommand({ SecretId: 'webhook' })));
  return { clock, aws, arn, read, put, describe };
}

const token = (n: number) => `00000000-0000-4000-8000-00000000000${n}`;

test('a secret is read by its name and by its ARN', async () => {
  const { clock, arn, read } = withSecret();
  expect(arn).toMatch(new RegExp(`^${arnOf('secretsmanager', 'secret:webhook-')}[0-9a-f]{6}$`));
  for (const SecretId of ['webhook', arn]) {
    expect(await clock.run(read({ SecretId }))).toMatchObject({
      ARN: arn,
      Name: 'webhook',
      SecretString: 'one',
      VersionStages: ['AWSCURRENT'],
      CreatedDate: new Date(clock.now()),
    });
  }
});

test('a secret has the ARN with which it was made', () => {
  const arn = arnOf('secretsmanager', 'secret:other-abcdef');
  expect(withSecret().aws.secrets.createSecret({ name: 'other', value: 'x', arn })).toEqual({ arn });
});

test('a new value becomes the current one, and only one previous value remains', async () => {
  const { clock, read, put, describe } = withSecret();
  expect(await put('two', token(2))).toMatchObject({ VersionId: token(2), VersionStages: ['AWSCURRENT'] });
  await put('three', token(3));
  expect(await clock.run(read())).toMatchObject({ SecretString: 'three', VersionId: token(3) });
  expect(await clock.run(read({ VersionStage: 'AWSPREVIOUS' }))).toMatchObject({ SecretString: 'two' });
  expect(await clock.run(read({ VersionId: token(2) }))).toMatchObject({ SecretString: 'two' });
  expect(await describe()).toMatchObject({
    Name: 'webhook',
    VersionIdsToStages: { [token(3)]: ['AWSCURRENT'], [token(2)]: ['AWSPREVIOUS'] },
  });
});

test('a token is accepted again only with the same value', async () => {
  const { clock, read, put } = withSecret();
  await put('two', token(2));
  expect(await put('two', token(2))).toMatchObject({ VersionId: token(2) });
  expect(await clock.run(read({ VersionStage: 'AWSPREVIOUS' }))).toMatchObject({ SecretString: 'one' });
  expect(await refusal(put('three', token(2)))).toContain('ResourceExistsException');
});

test.each<[Partial<GetSecretValueCommandInput>, string]>([
  [{ SecretId: 'none' }, "ResourceNotFoundException: Secrets Manager can't find the specified secret."],
  [{ VersionStage: 'AWSPREVIOUS' }, 'find the specified secret value for staging label: AWSPREVIOUS'],
  [{ VersionId: token(9) }, `find the specified secret value for VersionId: ${token(9)}`],
])('a read of %j is refused', async (input, expected) => {
  const { clock, read } = withSecret();
  expect(await clock.run(refusal(read(input)))).toContain(expected);
});
