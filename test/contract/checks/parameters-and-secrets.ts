import { randomUUID } from 'node:crypto';
import {
  GetSecretValueCommand,
  type GetSecretValueCommandInput,
  PutSecretValueCommand,
} from '@aws-sdk/client-secrets-manager';
import { DeleteParameterCommand, GetParameterCommand, PutParameterCommand } from '@aws-sdk/client-ssm';
import { keyParameterPrefix } from '../../../contracts/account.ts';
import { type Account, newName } from '../account.ts';
import { type Operation, outcomeOf } from '../check.ts';

const parameter = async ({ ssm }: Account, Name: string) =>
  (await ssm.send(new GetParameterCommand({ Name }))).Parameter;

export const getParameter: Operation = {
  name: 'SSM GetParameter',
  checks: {
    'returns the value as it was stored': {
      aws: { hasName: true, type: 'String', value: 'ssh-ed25519 AAAA ann@example.org', version: 1 },
      async observe(account) {
        const Name = keyParameterPrefix + newName('ann');
        const Value = 'ssh-ed25519 AAAA ann@example.org';
        await account.ssm.send(new PutParameterCommand({ Name, Value, Type: 'String' }));
        const answer = await parameter(account, Name);
        return { hasName: answer?.Name === Name, type: answer?.Type, value: answer?.Value, version: answer?.Version };
      },
    },
    'returns the newest value': {
      aws: { value: 'two', version: 2 },
      async observe(account) {
        const Name = keyParameterPrefix + newName('ann');
        for (const Value of ['one', 'two']) {
          await account.ssm.send(new PutParameterCommand({ Name, Value, Type: 'String', Overwrite: true }));
        }
        const answer = await parameter(account, Name);
        return { value: answer?.Value, version: answer?.Version };
      },
    },
    'a secure value is shown on request alone': {
      aws: { unasked: false, asked: true },
      async observe({ ssm }) {
        const Name = keyParameterPrefix + newName('ann');
        await ssm.send(new PutParameterCommand({ Name, Value: 'hush', Type: 'SecureString' }));
        const isShown = async (WithDecryption: boolean) =>
          (await ssm.send(new GetParameterCommand({ Name, WithDecryption }))).Parameter?.Value === 'hush';
        return { unasked: await isShown(false), asked: await isShown(true) };
      },
    },
    'an unknown name is refused': {
      aws: 'ParameterNotFound 400',
      observe: (account) => outcomeOf(parameter(account, keyParameterPrefix + newName('none'))),
    },
    'a name that no parameter can have is refused': {
      aws: 'ValidationException 400',
      observe: (account) => outcomeOf(parameter(account, `${keyParameterPrefix}ann@example.org`)),
    },
  },
};

/** https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_DeleteParameter.html */
export const deleteParameter: Operation = {
  name: 'SSM DeleteParameter',
  checks: {
    'the parameter does not exist afterwards': {
      aws: ['accepted', 'ParameterNotFound 400'],
      async observe(account) {
        const Name = keyParameterPrefix + newName('ann');
        await account.ssm.send(new PutParameterCommand({ Name, Value: 'one', Type: 'String' }));
        const deletion = await outcomeOf(account.ssm.send(new DeleteParameterCommand({ Name })));
        return [deletion, await outcomeOf(parameter(account, Name))];
      },
    },
    'an unknown name is refused': {
      aws: 'ParameterNotFound 400',
      observe: ({ ssm }) =>
        outcomeOf(ssm.send(new DeleteParameterCommand({ Name: keyParameterPrefix + newName('none') }))),
    },
  },
};

const read = ({ secrets }: Account, SecretId: string, more: Partial<GetSecretValueCommandInput> = {}) =>
  secrets.send(new GetSecretValueCommand({ SecretId, ...more }));
const put = ({ secrets }: Account, SecretId: string, SecretString: string, ClientRequestToken = randomUUID()) =>
  secrets.send(new PutSecretValueCommand({ SecretId, SecretString, ClientRequestToken }));

export const getSecretValue: Operation = {
  name: 'SecretsManager GetSecretValue',
  checks: {
    'returns the current value, by ARN and by name': {
      aws: { byArn: 'one', byName: 'one', stages: ['AWSCURRENT'] },
      async observe(account) {
        const secret = await account.secret('one');
        const { SecretString: byArn, Name = '', VersionStages: stages } = await read(account, secret);
        return { byArn, byName: (await read(account, Name)).SecretString, stages };
      },
    },
    'an unknown secret is refused': {
      aws: 'ResourceNotFoundException 400',
      observe: (account) => outcomeOf(read(account, newName('none'))),
    },
    'a previous value that does not exist is refused': {
      aws: 'ResourceNotFoundException 400',
      async observe(account) {
        return outcomeOf(read(account, await account.secret('one'), { VersionStage: 'AWSPREVIOUS' }));
      },
    },
    'a version beside a stage that it does not have is refused': {
      aws: ['two', 'ResourceNotFoundException 400'],
      async observe(account) {
        const secret = await account.secret('one');
        const { VersionId } = await put(account, secret, 'two');
        const version = (VersionStage: string) => read(account, secret, { VersionId, VersionStage });
        return [(await version('AWSCURRENT')).SecretString, await outcomeOf(version('AWSPREVIOUS'))];
      },
    },
    'an unknown version is refused': {
      aws: 'ResourceNotFoundException 400',
      async observe(account) {
        return outcomeOf(read(account, await account.secret('one'), { VersionId: randomUUID() }));
      },
    },
  },
};

export const putSecretValue: Operation = {
  name: 'SecretsManager PutSecretValue',
  checks: {
    'the new value becomes current, and the current one previous': {
      aws: { stages: ['AWSCURRENT'], current: 'three', previous: 'two' },
      async observe(account) {
        const secret = await account.secret('one');
        await put(account, secret, 'two');
        const { VersionStages: stages } = await put(account, secret, 'three');
        const { SecretString: current } = await read(account, secret);
        const { SecretString: previous } = await read(account, secret, { VersionStage: 'AWSPREVIOUS' });
        return { stages, current, previous };
      },
    },
    'the token is the id of the version': {
      aws: true,
      async observe(account) {
        const token = randomUUID();
        const secret = await account.secret('one');
        await put(account, secret, 'two', token);
        return (await read(account, secret)).VersionId === token;
      },
    },
    'the same token with the same value changes nothing': {
      aws: { outcome: 'accepted', current: 'two', previous: 'one' },
      async observe(account) {
        const token = randomUUID();
        const secret = await account.secret('one');
        await put(account, secret, 'two', token);
        const outcome = await outcomeOf(put(account, secret, 'two', token));
        const { SecretString: current } = await read(account, secret);
        const { SecretString: previous } = await read(account, secret, { VersionStage: 'AWSPREVIOUS' });
        return { outcome, current, previous };
      },
    },
    'the same token with another value is refused': {
      aws: { outcome: 'ResourceExistsException 400', current: 'two' },
      async observe(account) {
        const token = randomUUID();
        const secret = await account.secret('one');
        await put(account, secret, 'two', token);
        const outcome = await outcomeOf(put(account, secret, 'three', token));
        return { outcome, current: (await read(account, secret)).SecretString };
      },
    },
    'an unknown secret is refused': {
      aws: 'ResourceNotFoundException 400',
      observe: (account) => outcomeOf(put(account, newName('none'), 'one')),
    },
  },
};
