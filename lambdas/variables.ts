/** The environment variables of the functions: the type of each, and how a function reads those that it lists. */
import * as v from 'valibot';
import { webhookAgents } from '../contracts/agent.ts';
import { poolHours } from '../contracts/pool-hours.ts';
import { env, type SignInRules } from '../contracts/stack.ts';
import type { TaskPlace } from './core/session/cost.ts';

const text = v.pipe(v.string(), v.minLength(1));
const count = v.pipe(
  v.string(),
  v.regex(/^[0-9]{1,9}$/, 'expected a whole number'),
  v.transform(Number),
  v.minValue(1),
);
const listBy = (separator: string) =>
  v.pipe(
    v.string(),
    v.transform((value) => value.split(separator).filter((item) => item !== '')),
  );
const list = listBy(',');
const flag = v.pipe(
  v.picklist(['true', 'false']),
  v.transform((value) => value === 'true'),
);
const portRange = v.pipe(
  v.string(),
  v.regex(/^[0-9]{1,5}(-[0-9]{1,5})?$/, 'expected a port or a range like 20000-20999'),
  v.transform((value) => {
    const [from = 0, to = from] = value.split('-').map(Number);
    return { from, to };
  }),
  v.check(
    ({ from, to }) => from >= 1 && from <= to && to <= 65535,
    'expected ports from 1 to 65535, the lower one first',
  ),
);

/** `ssm=arn:…,bzero=arn:…` */
const taskDefinitions = v.pipe(
  list,
  v.transform((items) => Object.fromEntries(items.map((item) => item.split('=', 2)))),
  v.record(v.picklist(webhookAgents, `expected kinds among ${webhookAgents.join(', ')}`), text),
);

const texts = v.array(text);
const signInRules: v.GenericSchema<unknown, SignInRules> = v.strictObject({
  userClaim: text,
  domains: texts,
  admins: texts,
  groups: texts,
  groupsClaim: text,
  roles: texts,
});

const types = {
  table: text,
  cluster: text,
  vpc: text,
  subnets: v.pipe(list, v.minLength(1)),
  clientGroup: text,
  sshTaskDefinition: text,
  sshPorts: portRange,
  sshLogin: text,
  taskCpu: count,
  taskMemory: count,
  agentTaskDefinitions: taskDefinitions,
  handoffTable: text,
  sshRoleId: text,
  targetRoleId: text,
  webhookSecret: text,
  webhookHmac: flag,
  webhookTtlSeconds: count,
  teardownFunction: text,
  admins: listBy(' '),
  signIn: v.optional(v.pipe(v.string(), v.parseJson(), signInRules)),
  ciRepositories: v.optional(listBy(' ')),
  oidcIssuer: v.optional(text),
  oidcClientId: v.optional(text),
  oidcAudience: v.optional(text),
  oidcScopes: v.optional(listBy(' ')),
  oidcRedirectUri: v.optional(text),
  ciAudience: v.optional(text),
  defaultTtlSeconds: count,
  maxTtlSeconds: count,
  maxLifetimeSeconds: count,
  maxSessions: count,
  maxPerRole: count,
  maxTargets: count,
  poolSize: v.pipe(v.string(), v.regex(/^[0-9]{1,3}$/, 'expected a whole number'), v.transform(Number)),
  poolHours,
  poolMaxAgeSeconds: count,
  stack: text,
} satisfies Record<Variable, v.GenericSchema<unknown, unknown>>;

/** A variable by its name in `env`. */
export type Variable = keyof typeof env;

/** The values of some variables, parsed. */
export type Values<Name extends Variable> = { readonly [One in Name]: v.InferOutput<(typeof types)[One]> };

/** An environment as Lambda gives it. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The variables of every function that converges sessions: it stops tasks, and deletes security groups and handoff items. A
 * function that works for people or for webhooks alone knows the tasks' role of its own side.
 */
export const convergeVariables = ['table', 'cluster', 'vpc', 'stack', 'handoffTable'] as const;

/** The variables of a function that converges every session. */
export const convergeAllVariables = [...convergeVariables, 'sshRoleId', 'targetRoleId'] as const;

/** The variables of every function that people call: who is let in, and as whom. */
export const callerVariables = ['admins', 'signIn', 'ciRepositories'] as const;

/** The variables of both functions that check a webhook's credentials. */
export const webhookVariables = ['table', 'webhookSecret', 'webhookHmac'] as const;

/** The region and the size of a deployment's tasks. Lambda itself tells a function its region, so `env` does not list it. */
export const taskPlaceOf = (
  { taskCpu, taskMemory }: Values<'taskCpu' | 'taskMemory'>,
  { AWS_REGION }: Environment,
): TaskPlace => ({ region: AWS_REGION, size: { cpu: taskCpu, memoryMiB: taskMemory } });

/** Parses the listed variables. Throws an error that names every variable that is missing or wrong. */
export function readVariables<Name extends Variable>(names: readonly Name[], environment: Environment): Values<Name> {
  const problems: string[] = [];
  const values = names.map((name) => {
    const parsed = v.safeParse(types[name], environment[env[name]]);
    if (!parsed.success) {
      problems.push(...parsed.issues.map(({ received, message }) => `${env[name]}: got ${received}, ${message}`));
    }
    return [name, parsed.output] as const;
  });
  if (problems.length > 0) {
    throw new Error(`The function's environment is wrong. ${problems.join('; ')}. Deploy the stack again.`);
  }
  return Object.fromEntries(values) as Values<Name>; // fromEntries forgets which value belongs to which name
}
