/** Everything that the judge knows about a world. The checks of replies, rows and groups read it. */
import type { EmulatedAws } from '../../emulator/aws.ts';
import type { ScriptedContainers } from '../support/scripted-containers.ts';
import type { Ledger, Row } from './ledger.ts';
import type { Requests } from './requests.ts';

export interface Evidence {
  readonly ledger: Ledger;
  readonly requests: Requests;
  readonly aws: EmulatedAws;
  readonly containers: ScriptedContainers;
  /** Epoch milliseconds on the world's clock. */
  now(): number;
  /** The moment at which an actor ended the container of this session; undefined if no actor did. */
  containerEndedAt(sessionId: string): number | undefined;
  /** Whether the container of this session has ended, for any cause. */
  hasContainerEnded(row: Row): boolean;
}
