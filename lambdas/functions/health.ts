import { healthHandler } from '../http/health.ts';
import { wireHealth } from '../wiring.ts';

export const handler = healthHandler(...wireHealth(process.env));
