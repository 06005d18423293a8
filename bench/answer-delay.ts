/** How long a user waits although sshd is up already, and for what. */
import { columns, median, whole } from './figures.ts';
import type { Start } from './starts.ts';

const goalMs = 500;

export function answerDelay(starts: readonly Start[]): string {
  const phases = starts.map(phasesOf);
  const total = starts.map(({ sshdUp, answered }) => answered - sshdUp);
  const polling = phases.map((phase) => phase.polling);
  const share = (100 * sum(polling)) / sum(total);
  const row = (what: string, values: readonly number[], ...more: string[]) => [
    what,
    ...[median(values), Math.min(...values), Math.max(...values)].map(whole),
    ...more,
  ];
  return [
    `From "sshd is up" to the answer, ${starts.length} starts (ms)\n\n`,
    columns([
      ['', 'median', 'min', 'max', 'goal'],
      row(
        'until ECS knows that the container "ready" has exited',
        phases.map(({ probing }) => probing),
      ),
      row('until the start function asks: its polling', polling, '', `${whole(share)} % of all`),
      row(
        'until the answer',
        phases.map(({ answering }) => answering),
      ),
      row('all', total, `<= ${goalMs}`),
    ]),
  ].join('');
}

function phasesOf({ calls, sshdUp, known, answered }: Start) {
  const asked = calls.findLast(({ call }) => call.action === 'DescribeTasks')?.begin ?? answered;
  // We hear of it by an event, which may be slower than the function's own look.
  const knownAt = Math.min(known, asked);
  return { probing: knownAt - sshdUp, polling: asked - knownAt, answering: answered - asked };
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
