import * as v from 'valibot';
import { type SweepReport, sweepRequest } from '../../contracts/account.ts';
import { type SweepPorts, sweep } from '../core/sweep/sweep.ts';

/** Handles the schedule, and the operator who wants to see the report. */
export function sweeperHandler(ports: SweepPorts) {
  return async (event: unknown): Promise<SweepReport> => ({
    orphans: await sweep(ports, v.parse(sweepRequest, event)),
  });
}
