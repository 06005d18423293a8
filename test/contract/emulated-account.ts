import { createAws } from '../../emulator/aws.ts';
import { realClock } from '../../emulator/clock.ts';
import { serveAws } from '../../emulator/server.ts';
import type { Interceptor } from '../../emulator/wire.ts';
import { ScriptedContainers } from '../support/scripted-containers.ts';
import { type Account, clientsOf, destroy, newName, region } from './account.ts';
import { taskContainers } from './task-definition.ts';

/** Delays that are short, but long enough for the next call to see each state. */
const delays = { provisioningMs: 50, pendingMs: 50, pullingMs: 50, deprovisioningMs: 500 };

/** Makes an account of the emulated AWS, behind a port of its own. @param onCall sees each call */
export async function emulatedAccount(onCall?: Interceptor): Promise<Account> {
  const containerHost = new ScriptedContainers(realClock);
  const aws = createAws({ clock: realClock, containerHost, region, delays, ...(onCall && { onCall }) });
  const server = await serveAws(aws, { port: 0 });
  const clients = clientsOf(server.url);
  return {
    ...clients,
    endpoint: server.url,
    async network() {
      const [vpcId, subnetId] = [newName('vpc'), newName('subnet')];
      aws.ec2.addVpc({ vpcId, cidrBlock: '10.0.0.0/16' });
      aws.ec2.addSubnet({ subnetId, vpcId, cidrBlock: '10.0.0.0/24', availabilityZone: `${region}a` });
      return { vpcId, subnetId };
    },
    cluster: async () => aws.ecs.registerCluster(newName('cluster')).name,
    taskDefinition: async () =>
      aws.ecs.registerTaskDefinition({
        family: newName('ssh'),
        cpu: '256',
        memory: '512',
        containerDefinitions: taskContainers,
      }).arn,
    secret: async (value) => aws.secrets.createSecret({ name: newName('secret'), value }).arn,
    queue: async () => aws.sqs.createQueue(newName('queue')).url,
    async echoFunction() {
      const name = newName('echo');
      aws.lambda.registerFunction({ name, timeoutSeconds: 3, invoke: async (event) => event });
      return name;
    },
    async failingFunction() {
      const name = newName('failing');
      const invoke = () => Promise.reject(new TypeError('broken'));
      aws.lambda.registerFunction({ name, timeoutSeconds: 3, invoke });
      return name;
    },
    async listedFunction() {
      const name = newName('listed');
      aws.lambda.registerFunction({ name, timeoutSeconds: 7, invoke: async () => null });
      return name;
    },
    async stack() {
      const name = newName('stack');
      const resources = ['First', 'Second'].map((logicalId) => {
        const { url: physicalId } = aws.sqs.createQueue(`${name}-${logicalId}`);
        return { logicalId, physicalId, type: 'AWS::SQS::Queue' };
      });
      aws.cloudformation.putStack({ name, outputs: [], resources });
      return name;
    },
    setTimeToLive: async (table, attribute) => aws.dynamodb.setTimeToLive(table, attribute),
    async close() {
      destroy(clients);
      await server.close();
      await aws.close();
    },
  };
}
