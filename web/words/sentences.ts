/** The page's sentences about sessions. */
import type { EndReason, SessionState } from '../../contracts/api.ts';

export const endSentences: Readonly<Record<EndReason, string>> = {
  stopped: 'Your bastion was stopped.',
  expired: 'Your bastion reached the end of its time.',
  idle: 'Your bastion ended because nobody was connected to it.',
  exited: 'Your bastion ended by itself. Its log says why.',
  'start-failed': 'Your bastion did not start. The log of the deployment says why.',
};

export const endWords: Readonly<Record<EndReason, string>> = {
  stopped: 'stopped',
  expired: 'time over',
  idle: 'unused',
  exited: 'ended by itself',
  'start-failed': 'did not start',
};

export const stateWords: Readonly<Record<SessionState, string>> = {
  starting: 'starting',
  pooled: 'waiting in the pool',
  running: 'running',
  stopping: 'being removed',
  stopped: 'ended',
};
