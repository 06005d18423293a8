import { teardownHandler } from '../events/handlers.ts';
import { wireConverging } from '../wiring.ts';

export const handler = teardownHandler(wireConverging('teardown', process.env));
