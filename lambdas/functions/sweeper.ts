import { sweeperHandler } from '../events/handlers.ts';
import { wireSweeper } from '../wiring.ts';

export const handler = sweeperHandler(...wireSweeper(process.env));
