import { GetSecretValueCommand, PutSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { env } from '../../contracts/stack.ts';
import { inProcess } from '../../emulator/in-process.ts';
import type { Deployment } from './deployment.ts';

const idOf = ({ stack }: Deployment) =>
  stack.functions.find(({ title }) => title === 'WebhookStart')?.environment[env.webhookSecret];

/** The shared secret that the stack generated. */
export async function secretOf(bastions: Deployment): Promise<string> {
  const client = new SecretsManagerClient(inProcess(bastions.aws, bastions.clock));
  const command = new GetSecretValueCommand({ SecretId: idOf(bastions) });
  const { SecretString = '{}' } = await bastions.clock.run(client.send(command));
  return String(JSON.parse(SecretString).current);
}

/** Replaces the whole value of the secret, as an operator does. */
export async function putSecret(bastions: Deployment, value: string): Promise<void> {
  const client = new SecretsManagerClient(inProcess(bastions.aws, bastions.clock));
  await bastions.clock.run(client.send(new PutSecretValueCommand({ SecretId: idOf(bastions), SecretString: value })));
}
