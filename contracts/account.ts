/**
 * Names in an AWS account that people and tools see: tags, name prefixes, key parameters, and the sweep that an operator can
 * call. `lib`, `lambdas` and the operator's command share them.
 */
import * as v from 'valibot';

/** Tags on every task and security group that a session owns. */
export const tags = {
  session: 'bastion:session',
  /** Tells two deployments in one account apart. */
  stack: 'bastion:stack',
  owner: 'bastion:owner',
  /** A person sets it on a task or security group, with any value. The stack removes nothing that carries it. */
  keep: 'bastion:keep',
} as const;

/** Prefix of the SSM parameters that hold users' public keys: `/bastions/keys/<user>`. */
export const keyParameterPrefix = '/bastions/keys/';

/** Prefix of a session's security group: `bastion-<sessionId>`. */
export const securityGroupPrefix = 'bastion-';

/** Name of the sweeper function, so that a person can call it. */
export const sweeperName = (stack: string): string => `${stack}-sweeper`;

/** Payload of the sweeper function. */
export const sweepRequest = v.object({
  /** True only lists: the sweep notes and removes nothing. */
  dryRun: v.boolean(),
});

export type SweepRequest = v.InferOutput<typeof sweepRequest>;

/**
 * The result of a sweep for one orphan. `noted`: seen for the first time. `unconfirmed`: seen before, but not long enough ago.
 * `not-ours`: only its name is like ours. `explained`: its session lives after all. `removable`: confirmed, but this is a dry
 * run, or time was up.
 */
export const sweepOutcomes = [
  'noted',
  'unconfirmed',
  'removable',
  'removed',
  'in-use',
  'throttled',
  'absent',
  'kept',
  'not-ours',
  'explained',
] as const;

export type SweepOutcome = (typeof sweepOutcomes)[number];

/** Reply of the sweeper function: every orphan it found. */
export const sweepReport = v.object({
  orphans: v.array(
    v.object({
      resource: v.object({
        kind: v.picklist(['task', 'security group']),
        /** ARN of a task, id of a security group. */
        id: v.string(),
        /** The session that it names. */
        sessionId: v.optional(v.string()),
      }),
      /** Why it counts as an orphan: no row has its session's id, or that session has ended. */
      session: v.picklist(['unknown', 'stopped']),
      outcome: v.picklist(sweepOutcomes),
    }),
  ),
});

export type SweepReport = v.InferOutput<typeof sweepReport>;
