import { stopHandler } from '../http/people/bastions.ts';
import { wireStop } from '../wiring.ts';

export const handler = stopHandler(...wireStop(process.env));
