import { stopHandler } from './http/bastions.ts';
import { wireStop } from './wiring.ts';

export const handler = stopHandler(...wireStop(process.env));
