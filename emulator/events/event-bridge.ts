import * as v from 'valibot';
import { arn, type Context } from '../context.ts';
import type { Lambda } from '../lambda/lambda.ts';
import { type Operations, operationMaker } from '../operation.ts';
import { uuid } from '../random.ts';
import type { Sns } from '../sns.ts';
import { type EventPattern, matchesPattern, parsePattern } from './pattern.ts';

/** A rule of the default event bus. */
export interface Rule {
  readonly name: string;
  /** The rule's `EventPattern`. */
  readonly pattern: unknown;
  readonly targets: readonly Target[];
}

/** A target of a rule. */
export interface Target {
  /** The name or ARN of a function, or the ARN of a topic. */
  readonly arn: string;
  /** The part of the event that a topic gets, as `$.detail.text`. Default: the whole event. */
  readonly inputPath?: string;
}

/** The EventBridge of an account, with its default event bus. */
export interface EventBridge {
  readonly operations: Operations;
  /** Makes a rule exist. Throws if its pattern uses an operator that is not emulated, or if a target is no function and no topic. */
  putRule(rule: Rule): void;
  /** Sends an event to the targets of every matching rule. The clock's next timers deliver it. */
  emit(event: { source: string; detailType: string; resources: readonly string[]; detail: object }): void;
}

const putEventsInput = v.object({
  Entries: v.array(
    v.object({
      Source: v.string(),
      DetailType: v.string(),
      Detail: v.pipe(v.string(), v.parseJson(), v.record(v.string(), v.unknown())),
      Resources: v.optional(v.array(v.string()), []),
    }),
  ),
});

/** Makes the default event bus of an account, without rules. */
export function createEventBridge(context: Context, lambda: Lambda, sns: Sns): EventBridge {
  const rules: { readonly name: string; readonly pattern: EventPattern; readonly targets: readonly Target[] }[] = [];
  const operation = operationMaker('ValidationException');

  function emit({ source, detailType, resources, detail }: Parameters<EventBridge['emit']>[0]): string {
    const event = {
      version: '0',
      id: uuid(context.random),
      'detail-type': detailType,
      source,
      account: context.accountId,
      time: new Date(context.clock.now()).toISOString(),
      region: context.region,
      resources,
      detail,
    };
    for (const { name, pattern, targets } of rules) {
      if (matchesPattern(pattern, event)) for (const target of targets) deliver(name, target, event);
    }
    return event.id;
  }

  function deliver(rule: string, { arn: target, inputPath }: Target, event: object): void {
    context.clock.after(0, () => {
      const isTopic = sns.hasTopic(target);
      const input = isTopic ? { rule, topicArn: target, event } : { rule, functionName: target, event };
      const call = { kind: 'delivery', service: 'events', action: 'Deliver', input, at: context.clock.now() } as const;
      context.intercept(call, async () =>
        isTopic ? sns.publish(target, JSON.stringify(partOf(event, inputPath))) : lambda.invokeLater(target, event),
      );
    });
  }

  return {
    operations: {
      PutEvents: operation(putEventsInput, ({ Entries }) => ({
        FailedEntryCount: 0,
        Entries: Entries.map(({ Source, DetailType, Detail, Resources }) => ({
          EventId: emit({ source: Source, detailType: DetailType, resources: Resources, detail: Detail }),
        })),
      })),
      ListRules: operation(v.object({}), () => ({
        Rules: rules.map(({ name, pattern }) => ({
          Name: name,
          Arn: arn(context, 'events', `rule/${name}`),
          EventPattern: JSON.stringify(pattern),
          State: 'ENABLED',
          EventBusName: 'default',
        })),
      })),
    },
    putRule: ({ name, pattern, targets }) => {
      const unknownTarget = targets.find(({ arn: target }) => !lambda.hasFunction(target) && !sns.hasTopic(target));
      if (unknownTarget !== undefined)
        throw new Error(`Rule ${name} has the target ${unknownTarget.arn}, expected a function or a topic.`);
      const wrong = targets.find(({ inputPath }) => inputPath !== undefined && !/^\$(\.\w+)+$/.test(inputPath));
      if (wrong !== undefined)
        throw new Error(
          `Rule ${name} has the input path ${wrong.inputPath}, expected names behind dots: $.detail.text`,
        );
      rules.push({ name, pattern: parsePattern(name, pattern), targets });
    },
    emit,
  };
}

/** Returns the part of an event at a path of names. https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html */
function partOf(event: unknown, inputPath = '$'): unknown {
  const [, ...names] = inputPath.split('.');
  return names.reduce<unknown>(
    (part, name) => (typeof part === 'object' && part !== null ? Reflect.get(part, name) : undefined),
    event,
  );
}
