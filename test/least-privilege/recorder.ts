/** Records every call of a run as the IAM requests that AWS would authorize for the caller's role. */
import * as v from 'valibot';
import type { EmulatedAws } from '../../emulator/aws.ts';
import type { Call } from '../../emulator/wire.ts';
import { accessKeyOf } from '../../local/cloudformation/deploy.ts';
import { readStack } from '../../local/cloudformation/stack.ts';
import type { Place, Template } from '../../local/cloudformation/template.ts';
import type { Account, IamRequest } from './mapping.ts';
import { requestsOf } from './requests.ts';
import { type Grant, grantsFor, place, type Role, readTemplate, rolesOf, rolesOfDefinitions } from './roles.ts';

interface Recorded {
  readonly role: Role;
  readonly request: IamRequest;
  /** The number of calls with exactly this request. */
  calls: number;
}

/** The verdict of the policies on everything that was recorded. */
export interface Judgement {
  /** The number of different requests. */
  readonly requests: number;
  /** The requests that the caller's role does not allow. */
  readonly denied: readonly { readonly role: string; readonly request: IamRequest }[];
  /** Each grant to the number of calls that used it. */
  readonly calls: ReadonlyMap<Grant, number>;
}

interface Caller {
  readonly role: Role;
  /** `aws:userid` */
  readonly userId: string;
}

const withRole = v.object({ Role: v.string() });
const schedule = v.object({ Target: v.object({ RoleArn: v.string() }) });

const runInput = v.object({
  tags: v.optional(v.array(v.object({ key: v.string(), value: v.string() })), []),
});
const runOutput = v.object({ tasks: v.array(v.object({ taskArn: v.string() })) });
const stopInput = v.object({ task: v.string() });

export class Recorder {
  readonly roles: readonly Role[];
  readonly #template: Template;
  readonly #recorded = new Map<string, Recorded>();
  readonly #failures: unknown[] = [];
  readonly #callers = new Map<string, Caller>();
  readonly #tagsOfTask = new Map<string, ReadonlyMap<string, string>>();
  readonly #rolesOfDefinition: ReadonlyMap<string, readonly string[]>;

  /** @param assembly directory of the synthesized stack that makes the calls */
  constructor(assembly: string, where: Place = place) {
    this.#template = readTemplate(assembly, where);
    this.roles = rolesOf(this.#template);
    this.#rolesOfDefinition = rolesOfDefinitions(this.#template);
    const { functions } = readStack(assembly, where);
    for (const { logicalId, ref, properties } of this.#template.resources('AWS::Lambda::Function')) {
      const fn = functions.find((one) => one.logicalId === logicalId);
      if (fn === undefined) throw new Error(`Got the function ${logicalId}, expected it among those of the stack.`);
      const role = this.#roleOf(v.parse(withRole, properties).Role);
      this.#callers.set(accessKeyOf(fn), { role, userId: `${role.id}:${ref}` });
    }
  }

  /** Throws if a call was not understood: see `requestsOf`. */
  async judge(): Promise<Judgement> {
    if (this.#failures.length > 0) throw new AggregateError(this.#failures, String(this.#failures[0]));
    const denied: { role: string; request: IamRequest }[] = [];
    const used = new Map(this.roles.flatMap(({ grants }) => grants.map((grant) => [grant, 0])));
    for (const { role, request, calls } of this.#recorded.values()) {
      const grants = await grantsFor(role, request);
      if (grants.length === 0) denied.push({ role: role.name, request });
      for (const grant of grants) used.set(grant, (used.get(grant) ?? 0) + calls);
    }
    return { requests: this.#recorded.size, denied, calls: used };
  }

  /** Throws if a role does not allow a call of its function or task, or if no call was recorded. */
  async check(): Promise<void> {
    const { requests, denied } = await this.judge();
    if (requests === 0) throw new Error('Got no call of any function or task, expected at least one to judge.');
    if (denied.length === 0) return;
    const lines = denied.map(({ role, request }) => `${role} may not ${JSON.stringify(request)}`);
    throw new Error(`Of ${requests} different requests ${denied.length} are denied:\n${lines.join('\n')}`);
  }

  /** Wraps a call, as `onCall` does. @param happen carries the call out once it is recorded */
  async watch(
    aws: EmulatedAws,
    call: Call,
    proceed: () => Promise<unknown>,
    happen: (proceed: () => Promise<unknown>) => Promise<unknown> = (go) => go(),
  ): Promise<unknown> {
    const caller = this.#callerOf(aws, call);
    try {
      if (caller !== undefined) this.#note(caller, call, this.#accountIn(aws));
    } catch (error) {
      this.#failures.push(error); // if it were thrown here, the function would take it for a failure of AWS
    }
    return happen(async () => {
      const output = await proceed();
      this.#learn(call, output);
      return output;
    });
  }

  /** Keeps the effects of a call that later requests depend on. */
  #learn({ action, input }: Call, output: unknown): void {
    if (action === 'RunTask') {
      const tags = v.parse(runInput, input).tags.map(({ key, value }) => [key, value] as const);
      for (const { taskArn } of v.parse(runOutput, output).tasks) this.#tagsOfTask.set(taskArn, new Map(tags));
    }
    // https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_StopTask.html
    if (action === 'StopTask') this.#tagsOfTask.delete(v.parse(stopInput, input).task);
  }

  #note({ role, userId }: Caller, call: Call, account: Account): void {
    for (const { action, resource, context } of requestsOf(call, account)) {
      const request = { action, resource, context: { ...context, 'aws:userid': userId } };
      const key = JSON.stringify([role.name, request]);
      const recorded = this.#recorded.get(key);
      if (recorded) recorded.calls++;
      else this.#recorded.set(key, { role, request, calls: 1 });
    }
  }

  /** The role that makes the call. Undefined if the test itself calls, or if AWS delivers without a role of ours. */
  #callerOf(aws: EmulatedAws, { kind, service, input, caller = '' }: Call): Caller | undefined {
    if (kind === 'api') return this.#callers.get(caller) ?? this.#taskWithKey(aws, caller);
    if (service !== 'scheduler') return undefined;
    const name = v.parse(v.object({ schedule: v.string() }), input).schedule;
    const found = this.#template.resources('AWS::Scheduler::Schedule').find(({ ref }) => ref === name);
    const role = this.#roleOf(v.parse(schedule, found?.properties).Target.RoleArn);
    return { role, userId: `${role.id}:${name}` };
  }

  #taskWithKey(aws: EmulatedAws, accessKeyId: string): Caller | undefined {
    const userId = aws.taskUserId(accessKeyId);
    const role = this.roles.find(({ id }) => userId?.startsWith(`${id}:`));
    return role === undefined || userId === undefined ? undefined : { role, userId };
  }

  #accountIn({ region, accountId, ec2 }: EmulatedAws): Account {
    return {
      region,
      accountId,
      findGroup: (id) => ec2.groups.all().find((group) => group.id === id),
      tagsOfTask: (arn) => this.#tagsOfTask.get(arn) ?? new Map(),
      rolesOfDefinition: (arn) => this.#rolesOfDefinition.get(arn) ?? [],
    };
  }

  #roleOf(arn: string): Role {
    const found = this.roles.find((role) => role.arn === arn);
    if (found === undefined) throw new Error(`Got the role ${arn}, expected one of the template.`);
    return found;
  }
}
