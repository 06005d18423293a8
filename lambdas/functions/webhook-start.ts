import { webhookStartHandler } from '../http/webhooks/targets.ts';
import { wireWebhookStart } from '../wiring.ts';

export const handler = webhookStartHandler(...wireWebhookStart(process.env));
