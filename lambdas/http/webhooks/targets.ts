/** BastionZero's routes: `POST /start` and `POST /stop`. */
import { queries } from '../../../contracts/api.ts';
import { type StopPorts, stopTarget } from '../../core/end/stop-session.ts';
import { BastionError, InvalidRequest, NotBuilt, TargetFailed } from '../../core/session/errors.ts';
import type { TargetSettings } from '../../core/session/settings.ts';
import type { LaunchPorts } from '../../core/start/launch.ts';
import { type StartTarget, startTarget } from '../../core/start/start-target.ts';
import { bodyText } from '../event.ts';
import { queryOf } from '../query.ts';
import { type HttpHandler, httpHandler, json } from '../replies.ts';
import { type AuthenticationPorts, authenticate } from './authentication.ts';
import { parseStart, parseStop } from './dialects.ts';

export interface WebhookSettings {
  /** True when HMAC signatures are valid beside Basic. */
  readonly webhookHmac: boolean;
}

export interface StartSettings extends WebhookSettings, TargetSettings {
  /** Agent kinds of this deployment. */
  readonly builtKinds: readonly string[];
}

export function webhookStartHandler(allPorts: LaunchPorts & AuthenticationPorts, settings: StartSettings): HttpHandler {
  return httpHandler(allPorts, async (event, ports) => {
    await authenticate(ports, settings.webhookHmac, event, 'start');
    queryOf(event, queries.startTarget);
    const command = parseStart(bodyText(event));
    const { kind, idName } = command.agent;
    if (!settings.builtKinds.includes(kind)) {
      throw new NotBuilt(
        `This deployment has no ${kind} agent. It has: ${settings.builtKinds.join(', ')}. Its operator adds one with the setting agents.`,
      );
    }
    const session = await start(ports, settings, command);
    return json(200, { [idName]: session.sessionId });
  });
}

export function webhookStopHandler(
  allPorts: StopPorts & AuthenticationPorts,
  { webhookHmac }: WebhookSettings,
): HttpHandler {
  return httpHandler(allPorts, async (event, ports) => {
    await authenticate(ports, webhookHmac, event, 'stop');
    queryOf(event, queries.stopTarget);
    await stopTarget(ports, parseStop(bodyText(event)));
    return json(200, {});
  });
}

/** Starts the target. BastionZero knows one kind of failure, and shows its sentence to its user. */
async function start(ports: LaunchPorts, settings: TargetSettings, command: StartTarget) {
  try {
    return await startTarget(ports, settings, command);
  } catch (error) {
    if (!(error instanceof BastionError) || error instanceof InvalidRequest) throw error;
    throw new TargetFailed(error.message, { cause: error });
  }
}
