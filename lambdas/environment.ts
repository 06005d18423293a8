/** The environment of each function, parsed. `lib/functions/functions.ts` gives each exactly these variables. */
import * as v from 'valibot';
import { webhookAgents } from '../contracts/agent.ts';
import { type Entry, env } from '../contracts/stack.ts';

const name = v.pipe(v.string(), v.minLength(1));
const count = v.pipe(
  v.string(),
  v.regex(/^[0-9]{1,9}$/, 'expected a whole number'),
  v.transform(Number),
  v.minValue(1),
);
const list = v.pipe(
  v.string(),
  v.transform((text) => text.split(',').filter((item) => item !== '')),
);
const portRange = v.pipe(
  v.string(),
  v.regex(/^[0-9]{1,5}(-[0-9]{1,5})?$/, 'expected a port or a range like 20000-20999'),
  v.transform((text) => {
    const [from = 0, to = from] = text.split('-').map(Number);
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
  v.record(v.picklist(webhookAgents, `expected kinds among ${webhookAgents.join(', ')}`), name),
);
const flag = v.pipe(
  v.picklist(['true', 'false']),
  v.transform((text) => text === 'true'),
);

const people = { [env.admins]: list };
const webhook = { [env.webhookSecret]: name, [env.webhookHmac]: flag };
const handingOff = { [env.handoffTable]: name, [env.handoffRoleId]: name };
/** What `converge` needs: it stops tasks, deletes security groups and handoff items, and lets an owner's new address in. */
const converging = { [env.table]: name, [env.cluster]: name, [env.vpc]: name, [env.stack]: name, ...handingOff };

export const environments = {
  start: v.object({
    ...converging,
    ...people,
    [env.subnets]: v.pipe(list, v.minLength(1)),
    [env.sshTaskDefinition]: name,
    [env.sshPorts]: portRange,
    [env.sshLogin]: name,
    [env.defaultTtlSeconds]: count,
    [env.maxTtlSeconds]: count,
    [env.maxLifetimeSeconds]: count,
    [env.maxSessions]: count,
  }),
  stop: v.object({ ...people, [env.table]: name, [env.teardownFunction]: name }),
  sessions: v.object({ ...people, [env.table]: name, [env.cluster]: name, [env.sshLogin]: name }),
  health: v.object({ [env.table]: name, [env.cluster]: name }),
  'webhook-start': v.object({
    ...converging,
    ...webhook,
    [env.subnets]: v.pipe(list, v.minLength(1)),
    [env.agentTaskDefinitions]: taskDefinitions,
    [env.webhookTtlSeconds]: count,
    [env.maxSessions]: count,
  }),
  'webhook-stop': v.object({ ...webhook, [env.table]: name, [env.teardownFunction]: name }),
  teardown: v.object(converging),
  reaper: v.object(converging),
  'task-stopped': v.object(converging),
  drain: v.object(converging),
  sweeper: v.object({ [env.table]: name, [env.cluster]: name, [env.vpc]: name, [env.stack]: name }),
} satisfies Record<Entry, v.GenericSchema>;

export type Environment = Readonly<Record<string, string | undefined>>;

/** Parses the variables of one function; throws an error that names every variable that is missing or wrong. */
export function parseEnvironment<Name extends Entry>(
  functionName: Name,
  source: Environment,
): v.InferOutput<(typeof environments)[Name]> {
  const parsed = v.safeParse(environments[functionName], source);
  if (parsed.success) return parsed.output;
  const problems = parsed.issues.map((issue) => {
    const variable = v.getDotPath(issue) ?? 'environment';
    return `${variable}: got ${issue.received}, ${issue.message}`;
  });
  throw new Error(
    `The environment of the function "${functionName}" is wrong. ${problems.join('; ')}. Deploy the stack again.`,
  );
}
