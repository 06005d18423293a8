import type { Operation } from './check.ts';
import { batchGetItem, listTables, scan } from './checks/batches-and-scans.ts';
import { conditions } from './checks/conditions.ts';
import { descriptions } from './checks/descriptions.ts';
import { flatRules } from './checks/flat-rules.ts';
import { itemAnswers, tables, timeToLive } from './checks/item-answers.ts';
import { deleteItem, getItem, putItem } from './checks/items.ts';
import { callerIdentity, invoke, queue } from './checks/lambda-sqs-sts.ts';
import { describeSubnets, describeVpcs, listFunctions, listSecrets, putEvents } from './checks/listings.ts';
import { groupInUse, networkInterfaces } from './checks/network-interfaces.ts';
import { olderClients } from './checks/older-clients.ts';
import { tagGroup, tagTask, untagGroup } from './checks/owner-tags.ts';
import { deleteParameter, getParameter, getSecretValue, putSecretValue } from './checks/parameters-and-secrets.ts';
import { query } from './checks/query.ts';
import { requestRates } from './checks/request-rates.ts';
import { runTask } from './checks/run-task.ts';
import { describeSecurityGroups } from './checks/security-group-listing.ts';
import { authorizeIngress, revokeIngress } from './checks/security-group-rules.ts';
import { createSecurityGroup, deleteSecurityGroup } from './checks/security-groups.ts';
import { describeStackResources, listStackResources } from './checks/stacks.ts';
import { registerTaskDefinition } from './checks/task-definitions.ts';
import { describeClusters, describeTasks, listTasks, stopTask } from './checks/tasks.ts';
import { transactWriteItems } from './checks/transactions.ts';
import { updateItem } from './checks/update-item.ts';

/** The checks of every operation of AWS that the project uses. */
export const operations: readonly Operation[] = [
  createSecurityGroup,
  describeSecurityGroups,
  authorizeIngress,
  flatRules,
  revokeIngress,
  deleteSecurityGroup,
  groupInUse,
  networkInterfaces,
  runTask,
  stopTask,
  tagTask,
  tagGroup,
  untagGroup,
  describeTasks,
  listTasks,
  describeClusters,
  registerTaskDefinition,
  olderClients,
  describeVpcs,
  describeSubnets,
  putItem,
  getItem,
  deleteItem,
  updateItem,
  batchGetItem,
  transactWriteItems,
  query,
  scan,
  listTables,
  conditions,
  itemAnswers,
  tables,
  timeToLive,
  getParameter,
  deleteParameter,
  listSecrets,
  getSecretValue,
  putSecretValue,
  invoke,
  listFunctions,
  putEvents,
  queue,
  callerIdentity,
  describeStackResources,
  listStackResources,
  ...descriptions,
  requestRates,
];
