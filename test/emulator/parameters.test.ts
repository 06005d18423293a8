/**
 * Holds every operation to its parameters: the SDK's model says which AWS knows, and each of them is declared or refused by name.
 * The contract suite sends the declared ones.
 */
import * as dynamodb from '@aws-sdk/client-dynamodb';
import * as ec2 from '@aws-sdk/client-ec2';
import * as ecs from '@aws-sdk/client-ecs';
import * as events from '@aws-sdk/client-eventbridge';
import * as lambda from '@aws-sdk/client-lambda';
import * as secretsmanager from '@aws-sdk/client-secrets-manager';
import * as ssm from '@aws-sdk/client-ssm';
import { describe, expect, test } from 'vitest';
import { inProcess } from '../../emulator/in-process.ts';
import { bodyText } from '../../emulator/wire.ts';
import { emulated, refusal } from './emulated.ts';
import { inputOf, type Parameter, parametersIn } from './sdk-model.ts';
import { wireRequest } from './wire-request.ts';

const { operations } = emulated().aws;
const actionsOf = (service: string) => operations[service] ?? [];

describe.each([
  { service: 'dynamodb', sdk: dynamodb, Client: dynamodb.DynamoDBClient },
  { service: 'ec2', sdk: ec2, Client: ec2.EC2Client },
  { service: 'ecs', sdk: ecs, Client: ecs.ECSClient },
  { service: 'events', sdk: events, Client: events.EventBridgeClient },
  { service: 'lambda', sdk: lambda, Client: lambda.LambdaClient },
  { service: 'secretsmanager', sdk: secretsmanager, Client: secretsmanager.SecretsManagerClient },
  { service: 'ssm', sdk: ssm, Client: ssm.SSMClient },
])('$service', ({ service, sdk, Client }) => {
  test.each(actionsOf(service))('%s declares or refuses every parameter that AWS knows', async (action) => {
    const { clock, aws } = emulated();
    const declared = new Set(aws.parametersOf(service, action));
    const client = new Client(inProcess(aws, clock, { maxAttempts: 1 }));
    const Command: unknown = Reflect.get(sdk, `${action}Command`);
    const answers: Record<string, string> = {};
    const expected: Record<string, string> = {};
    const look = async (parameters: readonly Parameter[]): Promise<void> => {
      for (const parameter of parameters) {
        const { path, members, isValue } = parameter;
        const hasDeclaredMembers = [...declared].some((other) => other.startsWith(`${path}.`));
        if (declared.has(path) && hasDeclaredMembers) await look(members());
        else if (declared.has(path))
          expect(isValue, `${path} has members, which the operation takes as they come`).toBe(true);
        else {
          expected[path] = `NotEmulated: The emulated AWS has no parameter ${path} of ${service} ${action}.`;
          answers[path] = await clock.run(refusal(send(client, Command, parameter.request)));
          await clock.advance(1000);
        }
      }
    };
    await look(parametersIn(inputOf(sdk, action), service === 'ec2'));
    expect(answers).toEqual(expected);
  });
});

/** The table above has clients and commands of different types. Each command fits its client. */
function send(client: { send: unknown }, Command: unknown, request: object): Promise<unknown> {
  if (!isCommand(Command) || !isSend(client.send)) throw new Error('The SDK has no such command.');
  return client.send.call(client, new Command(request));
}

const isCommand = (value: unknown): value is new (input: object) => object => typeof value === 'function';
const isSend = (value: unknown): value is (command: object) => Promise<unknown> => typeof value === 'function';

describe('every operation', () => {
  const rows = Object.entries(operations).flatMap(([service, actions]) =>
    actions.map((action) => ({ service, action })),
  );

  test.each(rows)('$service $action refuses a member that nobody knows, at each depth', async ({ service, action }) => {
    const { clock, aws } = emulated();
    const declared = aws.parametersOf(service, action);
    const parents = new Set(declared.filter((path) => path.includes('.')).map((path) => path.replace(/\.[^.]+$/, '')));
    for (const path of ['', ...parents]) {
      const names = [...path.split('.').filter((name) => name !== ''), 'Surplus'];
      const request = wireRequest(service, action, names);
      const response = await clock.run(aws.handle(request));
      await clock.advance(1000);
      expect(response.status).toBe(400);
      expect(bodyText(response)).toContain(
        `The emulated AWS has no parameter ${names.join('.')} of ${service} ${action}.`,
      );
    }
  });
});
