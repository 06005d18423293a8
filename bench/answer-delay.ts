/** The time that a person waits after sshd is up, its parts, and the looks at the task until then. */
import { columns, median, percentile, whole } from './figures.ts';
import type { Start } from './starts.ts';

const goalMs = 300;

/** Returns the table of the starts' delays, and the count of their looks at the task. */
export function answerDelay(starts: readonly Start[]): string {
  const phases = starts.map(phasesOf);
  const row = (label: string, values: readonly number[], goal = '') => [
    label,
    ...[median(values), percentile(values, 95), Math.min(...values), Math.max(...values)].map(whole),
    goal,
  ];
  const looks = starts.map((start) => looksOf(start, 'DescribeTasks'));
  const seconds = starts.map(({ answered }) => answered / 1000);
  const perSecond = looks.map((count, at) => count / Math.max(1, seconds[at] ?? 1));
  return [
    `From "sshd is up" to the answer, ${starts.length} starts (ms)\n\n`,
    columns([
      ['', 'median', 'p95', 'min', 'max', 'goal'],
      row(
        'until the agent has deleted its handoff item',
        phases.map(({ taking }) => taking),
      ),
      row(
        'until the start function looks: its polling',
        phases.map(({ polling }) => polling),
      ),
      row(
        'until the answer',
        phases.map(({ answering }) => answering),
      ),
      row(
        'all',
        starts.map(({ sshdUp, answered }) => answered - sshdUp),
        `p95 <= ${goalMs}`,
      ),
    ]),
    `\nDescribeTasks per start: ${Math.min(...looks)} to ${Math.max(...looks)}, `,
    `at most ${Math.max(...perSecond).toFixed(2)} a second (goal: 1)\n`,
  ].join('');
}

const looksOf = ({ calls }: Start, action: string): number => calls.filter(({ call }) => call.action === action).length;

function phasesOf({ calls, sshdUp, taken, answered }: Start) {
  const lastLook = calls.findLast(({ call }) => call.action === 'BatchGetItem')?.begin ?? answered;
  // AWS may have answered the deletion after the function has looked.
  const takenAt = Math.min(taken, lastLook);
  return { taking: takenAt - sshdUp, polling: lastLook - takenAt, answering: answered - lastLook };
}
