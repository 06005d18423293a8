/** The real handler of each function, in a world of the test's own. */
import type { Fetch } from '../../lambdas/aws/cloudformation/stack-requests.ts';
import type { Pass } from '../../lambdas/core/end/reap.ts';
import type { OrphanCounts } from '../../lambdas/core/sweep/sweep.ts';
import { drainHandler } from '../../lambdas/events/drain-handler.ts';
import { reaperHandler, sweeperHandler, taskStoppedHandler, teardownHandler } from '../../lambdas/events/handlers.ts';
import { healthHandler } from '../../lambdas/http/health.ts';
import { sessionsHandler, startHandler, stopHandler } from '../../lambdas/http/people/bastions.ts';
import { webhookStartHandler, webhookStopHandler } from '../../lambdas/http/webhooks/targets.ts';
import type { World } from '../../lambdas/runtime.ts';
import * as wiring from '../../lambdas/wiring.ts';

export type Handler = (event: unknown) => Promise<unknown>;

/** Where the functions tell what they have seen, besides the log. */
export interface Seen {
  readonly passes: Pass[];
  readonly orphans: OrphanCounts[];
  readonly put: Fetch;
}

type Environment = Readonly<Record<string, string>>;

/** @param title as `StackFunction.title` */
export function wiredHandler(title: string, given: Environment, world: World, seen: Seen): Handler {
  switch (title) {
    case 'Start':
      return startHandler(...wiring.wireStart(given, world));
    case 'Stop':
      return stopHandler(...wiring.wireStop(given, world));
    case 'Sessions':
      return sessionsHandler(...wiring.wireSessions(given, world));
    case 'WebhookStart':
      return webhookStartHandler(...wiring.wireWebhookStart(given, world));
    case 'WebhookStop':
      return webhookStopHandler(...wiring.wireWebhookStop(given, world));
    case 'Health':
      return healthHandler(...wiring.wireHealth(given, world));
    case 'Teardown':
      return teardownHandler(wiring.wireConverging('teardown', given, world));
    case 'TaskStopped':
      return taskStoppedHandler(wiring.wireConverging('task-stopped', given, world));
    case 'Reaper':
      return reaperHandler(wiring.wireReaper(given, world)[0], (pass) => seen.passes.push(pass));
    case 'Sweeper':
      return sweeperHandler(wiring.wireSweeper(given, world)[0], (counts) => seen.orphans.push(counts));
    case 'Drain':
      return drainHandler(...wiring.wireDrain(given, world, seen.put));
    default:
      throw new Error(`The stack has a function ${title} that the tests do not know.`);
  }
}
