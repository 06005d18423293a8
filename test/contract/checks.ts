import type { Operation } from './check.ts';
import { groupInUse, networkInterfaces } from './checks/network-interfaces.ts';
import { runTask } from './checks/run-task.ts';
import { describeSecurityGroups } from './checks/security-group-listing.ts';
import { authorizeIngress, revokeIngress } from './checks/security-group-rules.ts';
import { createSecurityGroup, deleteSecurityGroup } from './checks/security-groups.ts';
import { describeClusters, describeTasks, listTasks, stopTask } from './checks/tasks.ts';

/** Everything the project asks of AWS. */
export const operations: readonly Operation[] = [
  createSecurityGroup,
  describeSecurityGroups,
  authorizeIngress,
  revokeIngress,
  deleteSecurityGroup,
  groupInUse,
  networkInterfaces,
  runTask,
  stopTask,
  describeTasks,
  listTasks,
  describeClusters,
];
