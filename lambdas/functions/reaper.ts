import { reaperHandler } from '../events/handlers.ts';
import { wireReaper } from '../wiring.ts';

export const handler = reaperHandler(...wireReaper(process.env));
