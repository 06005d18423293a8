import { webhookStopHandler } from '../http/webhooks/targets.ts';
import { wireWebhookStop } from '../wiring.ts';

export const handler = webhookStopHandler(...wireWebhookStop(process.env));
