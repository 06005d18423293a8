import { webhookStartHandler } from './http/webhooks.ts';
import { wireWebhookStart } from './wiring.ts';

export const handler = webhookStartHandler(...wireWebhookStart(process.env));
