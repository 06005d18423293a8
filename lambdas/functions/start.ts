import { startHandler } from '../http/people/bastions.ts';
import { wireStart } from '../wiring.ts';

export const handler = startHandler(...wireStart(process.env));
