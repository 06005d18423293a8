import { sessionsHandler } from '../http/people/bastions.ts';
import { wireSessions } from '../wiring.ts';

export const handler = sessionsHandler(...wireSessions(process.env));
