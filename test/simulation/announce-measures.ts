/** The safety measures of warnings and events. */
import type { Measure } from './measure.ts';

export const announceMeasures: readonly Measure[] = [
  {
    name: 'an event that EventBridge has refused is sent again',
    edits: [
      {
        file: 'lambdas/aws/eventbridge/session-events.ts',
        find: 'if (FailedEntryCount > 0)',
        replace: 'if (FailedEntryCount > 99)',
      },
    ],
  },
  {
    name: 'a row is due at the next warning',
    edits: [
      {
        file: 'lambdas/core/session/session.ts',
        find: 'return Math.min(nextWarningOrEnd(session, now), now +',
        replace: 'return Math.min(session.expiresAt, now +',
      },
    ],
  },
];
