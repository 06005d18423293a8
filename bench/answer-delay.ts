/** The time that a person waits after sshd is up, and its parts. */
import { columns, median, whole } from './figures.ts';
import type { Start } from './starts.ts';

const goalMs = 500;

/** Returns the table of the starts' delays. */
export function answerDelay(starts: readonly Start[]): string {
  const phases = starts.map(phasesOf);
  const total = starts.map(({ sshdUp, answered }) => answered - sshdUp);
  const polling = phases.map((phase) => phase.polling);
  const share = (100 * sum(polling)) / sum(total);
  const row = (label: string, values: readonly number[], ...more: string[]) => [
    label,
    ...[median(values), Math.min(...values), Math.max(...values)].map(whole),
    ...more,
  ];
  return [
    `From "sshd is up" to the answer, ${starts.length} starts (ms)\n\n`,
    columns([
      ['', 'median', 'min', 'max', 'goal'],
      row(
        'until ECS shows that the container "ready" has exited',
        phases.map(({ probing }) => probing),
      ),
      row('until the start function looks: its polling', polling, '', `${whole(share)} % of all`),
      row(
        'until the answer',
        phases.map(({ answering }) => answering),
      ),
      row('all', total, `<= ${goalMs}`),
    ]),
  ].join('');
}

function phasesOf({ calls, sshdUp, reported, answered }: Start) {
  const lastLook = calls.findLast(({ call }) => call.action === 'DescribeTasks')?.begin ?? answered;
  // The event may arrive after the function has looked.
  const reportedAt = Math.min(reported, lastLook);
  return { probing: reportedAt - sshdUp, polling: lastLook - reportedAt, answering: answered - lastLook };
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
