/** Everything that the judge knows about a world. The checks of replies, rows and groups read it. */
import type { EmulatedAws } from '../../emulator/aws.ts';
import type { ScriptedContainers } from '../support/scripted-containers.ts';
import type { Ledger, Row } from './ledger.ts';
import type { Limits, Places, PoolLimits } from './places.ts';
import type { Requests } from './requests.ts';

export interface Evidence {
  readonly ledger: Ledger;
  readonly requests: Requests;
  readonly places: Places;
  readonly limits: Limits;
  readonly aws: EmulatedAws;
  readonly containers: ScriptedContainers;
  /** Bastions that the pool keeps, 0 in a world without one. */
  readonly pool: PoolLimits;
  /** Whether a fault has hit one of these functions since. */
  wasHit(functions: RegExp, since: number): boolean;
  /** Epoch milliseconds on the world's clock. */
  now(): number;
  /** The moment at which the container of this session ended, for any cause. Undefined if it has not. */
  containerEndedAt(sessionId: string): number | undefined;
  /** Whether the container of this session has ended, or its task was stopped before it had one. */
  hasContainerEnded(row: Row): boolean;
  /** Whether the agent of this session has come up, and said so by taking its handoff. */
  hasComeUp(row: Row): boolean;
}
