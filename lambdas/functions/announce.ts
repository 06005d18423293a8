/** Announces on EventBridge what becomes of sessions. */
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { imageOf } from '../aws/dynamodb/session-item.ts';
import { EventBridgeSessionEvents } from '../aws/eventbridge/session-events.ts';
import { announceHandler } from '../events/announce.ts';
import type { Runtime } from '../runtime.ts';
import { type Environment, readVariables } from '../variables.ts';

export const variables = ['stack'] as const;

export function create(environment: Environment, { sdk, log }: Runtime) {
  const { stack } = readVariables(variables, environment);
  const events = new EventBridgeSessionEvents(new EventBridgeClient(sdk));
  return announceHandler({ events, log, rowIn: imageOf }, stack);
}
