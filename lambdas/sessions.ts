import { sessionsHandler } from './http/bastions.ts';
import { wireSessions } from './wiring.ts';

export const handler = sessionsHandler(...wireSessions(process.env));
