import type { Clock } from '../core/session/ports.ts';
import type { PortRange } from '../core/session/settings.ts';
import type { Clients } from './clients.ts';
import { BatchedPlaces } from './dynamodb/batched-places.ts';
import { BatchedSessions } from './dynamodb/batched-sessions.ts';
import { DynamoHandoffs, type HandoffPlace } from './dynamodb/handoffs.ts';
import { DynamoPlaces } from './dynamodb/places.ts';
import { DynamoSessions } from './dynamodb/sessions.ts';
import { BatchedSecurityGroups } from './ec2/batched-security-groups.ts';
import { Ec2GroupInventory } from './ec2/group-inventory.ts';
import { Ec2SecurityGroups } from './ec2/security-groups.ts';
import { BatchedTasks } from './ecs/batched-tasks.ts';
import { EcsTaskInventory } from './ecs/task-inventory.ts';
import { EcsTasks } from './ecs/tasks.ts';

/** The place of a deployment in AWS. */
export interface Deployment extends HandoffPlace {
  readonly cluster: string;
  /** Id of the VPC. */
  readonly vpc: string;
  /** Name of the stack. */
  readonly stack: string;
  /** The ports of bastions, in the functions that open them. */
  readonly sshPorts?: PortRange;
}

/** The adapters that `converge` works with. */
export const sessionAdapters = (clients: Clients, deployment: Deployment, clock: Clock) => ({
  sessions: new DynamoSessions(clients.dynamodb, deployment.table),
  places: new DynamoPlaces(clients.dynamodb, deployment.table),
  handoffs: new DynamoHandoffs(clients.dynamodb, deployment),
  securityGroups: new Ec2SecurityGroups(clients.ec2, deployment, clock),
  tasks: new EcsTasks(clients, deployment.cluster),
});

/** The same for a pass that looks at many sessions side by side: what they ask for at the same time comes in one call. */
export const batchedSessionAdapters = (clients: Clients, deployment: Deployment, clock: Clock) => ({
  ...sessionAdapters(clients, deployment, clock),
  sessions: new BatchedSessions(clients.dynamodb, deployment.table, clock),
  places: new BatchedPlaces(clients.dynamodb, deployment.table, clock),
  securityGroups: new BatchedSecurityGroups(clients.ec2, deployment, clock),
  tasks: new BatchedTasks(clients, deployment.cluster, clock),
});

/** The inventories of everything that sessions own, in the order of removal. */
export const inventories = (clients: Clients, deployment: Pick<Deployment, 'cluster' | 'vpc' | 'stack'>) => [
  new EcsTaskInventory(clients.ecs, deployment, new EcsTasks(clients, deployment.cluster)),
  new Ec2GroupInventory(clients.ec2, deployment),
];
