import { changeSession } from '../session/change-session.ts';
import type { IsolatedRun } from '../session/isolated-run.ts';
import { logFields } from '../session/log-fields.ts';
import { type PoolPlan, pooledBastions, poolState, waitingCounts } from '../session/pool.ts';
import { isUntaken } from '../session/pool-claim.ts';
import { markStopping } from '../session/session.ts';
import { type ConvergePorts, converge } from './converge.ts';

/**
 * Ends the pooled bastions that are too many now: the pool has become smaller, its hours are over, or a deployment starts others.
 * An owner who takes one of them at the same time keeps it.
 * @returns how many a start could take. Undefined without a pool, and if it was not read.
 */
export async function trimPool(
  ports: ConvergePorts,
  plan: PoolPlan,
  isolatedRun: IsolatedRun,
): Promise<number | undefined> {
  let ready: number | undefined;
  await isolatedRun.run('the pool', async () => {
    const pooled = await pooledBastions(ports);
    const { surplus } = poolState(pooled, plan, ports.clock.now());
    if (plan.poolSize > 0) ready = waitingCounts(pooled.filter((session) => !surplus.includes(session))).ready;
    for (const { sessionId } of surplus) {
      await isolatedRun.run(sessionId, async () => {
        const session = await ports.sessions.find(sessionId); // the index lags behind the rows
        if (!session || !isUntaken(session)) return;
        const now = ports.clock.now();
        const stopping = await changeSession(ports, session, (row) =>
          isUntaken(row) ? markStopping(row, 'stopped', now, 'The pool has no use for it.') : row,
        );
        if (stopping.state !== 'stopping') return;
        ports.log.info('pooled bastion ended', logFields(stopping));
        await converge(ports, stopping);
      });
    }
  });
  return ready;
}
