import { startHandler } from './http/bastions.ts';
import { wireStart } from './wiring.ts';

export const handler = startHandler(...wireStart(process.env));
