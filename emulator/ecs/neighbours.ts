import type { ContainerHost } from '../container-host.ts';
import type { Ec2 } from '../ec2/ec2.ts';
import type { Iam } from '../iam/iam.ts';
import type { TaskCredentials } from '../iam/task-credentials.ts';

/** The other parts of the account that ECS uses. */
export interface EcsNeighbours {
  readonly ec2: Ec2;
  readonly iam: Iam;
  readonly credentials: TaskCredentials;
  readonly host: ContainerHost;
}
