import { taskStoppedHandler } from '../events/handlers.ts';
import { wireConverging } from '../wiring.ts';

export const handler = taskStoppedHandler(wireConverging('task-stopped', process.env));
