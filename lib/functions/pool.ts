import type * as lambda from 'aws-cdk-lib/aws-lambda';
import { env } from '../../contracts/stack.ts';
import type { FunctionsProps } from './functions-props.ts';
import { grantRemove } from './grants.ts';

interface PoolFunctions {
  readonly start: lambda.Function;
  readonly sessions: lambda.Function;
  readonly reaper: lambda.Function;
  /** Undefined without a pool. */
  readonly pool: lambda.Function | undefined;
}

/** Permissions and variables of the warm pool: who starts, takes and ends bastions that nobody has asked for yet. */
export function setPool({ start, sessions, reaper, pool }: PoolFunctions, props: FunctionsProps): void {
  for (const fn of [start, sessions, reaper, pool]) fn?.addEnvironment(env.poolSize, String(props.poolSize));
  for (const fn of [sessions, reaper, pool]) fn?.addEnvironment(env.poolHours, props.poolHours);
  // The reaper ends what an earlier deployment's pool has left, so it knows the pool also when there is none.
  props.table.grantListByClaim(reaper);
  props.agents.setSshTaskDefinition(reaper);
  if (pool === undefined) return;
  setStart(pool, props);
  props.table.grantListByClaim(start);
  props.agents.grantTagOwners(start);
  props.network.grantTagOwners(start);
}

/** The permissions of a start, but for claims, stored keys and ingress rules: nobody asks for these bastions, and nobody is let in. */
function setStart(pool: lambda.Function, props: FunctionsProps): void {
  const { table, handoff, agents, network } = props;
  grantRemove(pool, props);
  network.grantObserve(pool);
  table.grantReadTogether(pool);
  table.grantListByClaim(pool);
  table.grantPlaces(pool, 'people');
  table.grantForget(pool);
  handoff.grantLook(pool, agents.bastions);
  handoff.grantPut(pool, agents.bastions);
  handoff.grantRemove(pool, agents.bastions);
  agents.grantRunSshd(pool);
  network.grantCreate(pool);
  pool.addEnvironment(env.poolMaxAgeSeconds, String(props.poolMaxAge.toSeconds()));
  pool.addEnvironment(env.maxLifetimeSeconds, String(props.maxLifetime.toSeconds()));
  pool.addEnvironment(env.maxSessions, String(props.maxSessions));
}
