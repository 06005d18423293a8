/** BastionZero's routes: `POST /start` and `POST /stop`. */

import { type StopPorts, stopTarget } from '../../core/end/stop-session.ts';
import { BastionError, InvalidRequest, NotBuilt, TargetFailed } from '../../core/session/errors.ts';
import type { TargetSettings } from '../../core/session/settings.ts';
import { type StartTarget, type StartTargetPorts, startTarget } from '../../core/start/start-target.ts';
import { bodyText } from '../event.ts';
import { type HttpHandler, httpHandler, json, type Telling } from '../replies.ts';
import { authenticate, type WebhookGuard } from './authentication.ts';
import { parseStart, parseStop } from './dialects.ts';

export interface WebhookSettings extends TargetSettings {
  /** Agent kinds of this deployment. */
  readonly built: readonly string[];
}

export function webhookStartHandler(
  ports: StartTargetPorts & Telling,
  settings: WebhookSettings,
  guard: WebhookGuard,
): HttpHandler {
  return httpHandler(ports, async (event) => {
    await authenticate(guard, event, 'start');
    const command = parseStart(bodyText(event));
    const { kind, idName } = command.agent;
    if (!settings.built.includes(kind)) {
      throw new NotBuilt(
        `This deployment has no ${kind} agent. It has: ${settings.built.join(', ')}. Its operator adds one with the setting agents.`,
      );
    }
    const session = await start(ports, settings, command);
    return json(200, { [idName]: session.sessionId });
  });
}

export function webhookStopHandler(ports: StopPorts & Telling, guard: WebhookGuard): HttpHandler {
  return httpHandler(ports, async (event) => {
    await authenticate(guard, event, 'stop');
    await stopTarget(ports, parseStop(bodyText(event)));
    return json(200, {});
  });
}

/** BastionZero knows one kind of failure, and shows its sentence to its user. */
async function start(ports: StartTargetPorts & Telling, settings: TargetSettings, command: StartTarget) {
  try {
    return await startTarget(ports, settings, command);
  } catch (error) {
    const told = ports.outageOf(error) ?? error;
    if (!(told instanceof BastionError) || told instanceof InvalidRequest) throw error;
    throw new TargetFailed(told.message, { cause: error });
  }
}
