import { drainHandler } from '../events/drain-handler.ts';
import { wireDrain } from '../wiring.ts';

export const handler = drainHandler(...wireDrain(process.env));
