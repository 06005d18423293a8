import type { Context } from '../context.ts';
import type { Lambda } from '../lambda/lambda.ts';

/** A schedule that invokes a function at a rate. */
export interface Schedule {
  readonly name: string;
  /** The rate, in minutes, hours or days: `rate(5 minutes)`. */
  readonly expression: string;
  /** The function's name or ARN. */
  readonly target: string;
  /** The event that the function gets. Default `{}`. */
  readonly input?: unknown;
}

/** The EventBridge Scheduler of an account. */
export interface Scheduler {
  /** Makes a schedule exist. It fires at once and then after each period. Throws if the expression or the target is not valid. */
  putSchedule(schedule: Schedule): void;
}

const minutesIn: Readonly<Record<string, number>> = { minute: 1, hour: 60, day: 24 * 60 };

/** Makes the EventBridge Scheduler of an account. https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html */
export function createScheduler(context: Context, lambda: Lambda): Scheduler {
  const { clock } = context;
  return {
    putSchedule({ name, expression, target, input = {} }) {
      const periodMs = periodOf(name, expression);
      if (!lambda.hasFunction(target)) {
        throw new Error(`Schedule ${name} has the target ${target}, expected a registered function.`);
      }
      const fire = () => {
        clock.after(periodMs, fire);
        const delivery = { schedule: name, functionName: target, event: input };
        context.intercept(
          { kind: 'delivery', service: 'scheduler', action: 'Deliver', input: delivery, at: clock.now() },
          async () => lambda.invokeLater(target, input),
        );
      };
      clock.after(0, fire);
    },
  };
}

function periodOf(name: string, expression: string): number {
  const [, value, unit = ''] = /^rate\((\d+) (minute|hour|day)s?\)$/.exec(expression) ?? [];
  const minutes = Number(value) * (minutesIn[unit] ?? Number.NaN);
  if (!(minutes >= 1)) {
    throw new Error(`Schedule ${name} has the expression "${expression}", expected rate(<number> minutes|hours|days).`);
  }
  return minutes * 60_000;
}
