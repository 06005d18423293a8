/** The calls of the sweeper. */
import type { Call } from '../../emulator/wire.ts';
import { minuteMs } from '../support/time.ts';
import type { Evidence } from './evidence.ts';
import { skewMs } from './expectations.ts';

/** The time between two looks of the sweeper, as its two clocks may see it. */
const confirmedMs = 10 * minuteMs - skewMs;

export class Sweeps {
  /** The moment of the sweeper's first look. */
  #since: number | undefined;

  /**
   * A session leaves nothing behind: a removal of its task or group by the sweeper would hide a leak. The sweeper removes only
   * what it saw ten minutes before.
   */
  violations(evidence: Evidence, { action, input }: Call): string[] {
    const { aws, ledger } = evidence;
    this.#since ??= evidence.now();
    const { task, GroupId } = Object(input);
    const group = aws.ec2.groups.all().find(({ id }) => id === GroupId);
    const sessionId = action === 'StopTask' ? ledger.tasks.get(task) : group?.tags.get('bastion:session');
    if (action !== 'StopTask' && action !== 'DeleteSecurityGroup') return [];
    return [
      ...(sessionId !== undefined && ledger.rows.has(sessionId)
        ? [`session ${sessionId} has left something for the sweeper: ${action}`]
        : []),
      ...(evidence.now() < this.#since + confirmedMs ? [`the sweeper calls ${action} at its first look`] : []),
    ];
  }
}
