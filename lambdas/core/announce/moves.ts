/** What one change of a row tells the world. */
import type { SessionMove } from '../../../contracts/events.ts';
import { isReady, type Session, sameCidrs } from '../session/session.ts';

/**
 * Returns the moves that a change of a row makes, in their order. A bastion of the pool is nobody's, and makes none.
 * @param before undefined for a new row
 */
export function movesOf(before: Session | undefined, after: Session): readonly SessionMove[] {
  if (before === undefined || (after.agent.kind === 'ssh' && after.owner === undefined)) return [];
  const isRunning = before.state === 'running' && after.state === 'running';
  const moves: readonly (readonly [SessionMove, boolean])[] = [
    ['started', before.state !== 'running' && after.state === 'running'],
    ['ready', !isReady(before) && isReady(after)],
    ['moved', isRunning && !sameCidrs(before.allowedCidrs, after.allowedCidrs)],
    ['extended', isRunning && before.expiresAt !== after.expiresAt],
    ['ending', after.warned !== undefined && !isSameWarning(before.warned, after.warned)],
    ['ended', before.state !== 'stopped' && after.state === 'stopped'],
  ];
  return moves.flatMap(([move, isMade]) => (isMade ? [move] : []));
}

const isSameWarning = (one: Session['warned'], { end, minutes }: NonNullable<Session['warned']>): boolean =>
  one !== undefined && one.end === end && one.minutes === minutes;
