/** Counts what a function asks of AWS, and measures how long that takes, on a virtual clock and on the processor. */
import type { Call } from '../emulator/wire.ts';
import { accessKeyOf } from '../local/cloudformation/deploy.ts';
import type { Deployment, DeploymentOptions } from '../test/support/deployment.ts';
import { ofWholeItems, readUnitsOf } from './read-units.ts';
import { callTable } from './table.ts';

export interface Cost {
  readonly calls: number;
  readonly readUnits: number;
  /** The time on the virtual clock, on which each call takes `callMs`. */
  readonly virtualMs: number;
  /** The processor's time here, the emulated AWS included. */
  readonly cpuMs: number;
  /** The sentence of the error with which the work ended. */
  readonly failure?: string;
}

/** A typical time of a call within a region. */
export const callMs = 20;

/** Meters the calls of a deployment's functions. */
export class Meter {
  #caller = '';
  #calls = 0;
  #readUnits = 0;
  #errors: unknown[] = [];
  #bastions: Deployment | undefined;

  /** Wraps every call. Pass it to the deployment, and then `connect` that. */
  readonly onCall: NonNullable<DeploymentOptions['onCall']> = async (call, proceed, invocation) => {
    if (invocation === undefined || call.kind === 'delivery' || this.#bastions === undefined) return proceed();
    await this.#bastions.clock.sleep(callMs);
    const isMetered = call.caller === this.#caller;
    if (isMetered) this.#calls += 1;
    const output = await proceed();
    if (isMetered) this.#countUnits(this.#bastions, call, output);
    return output;
  };

  connect(bastions: Deployment): void {
    this.#bastions = bastions;
  }

  /** Measures a run of the function with this title, until the work is done. */
  async measure(title: string, work: () => Promise<unknown>): Promise<Cost> {
    const bastions = this.#bastions;
    if (bastions === undefined) throw new Error('The meter knows no deployment. Call connect first.');
    const fn = bastions.stack.functions.find((one) => one.title === title);
    if (fn === undefined) throw new Error(`The stack has no function "${title}".`);
    [this.#caller, this.#calls, this.#readUnits, this.#errors] = [accessKeyOf(fn), 0, 0, []];
    const [beganAt, cpu] = [bastions.clock.now(), process.cpuUsage()];
    const failure = await work().then(
      () => undefined,
      (error: unknown) => (error instanceof Error ? error.message : String(error)),
    );
    const { user, system } = process.cpuUsage(cpu);
    if (this.#errors.length > 0) throw new AggregateError(this.#errors, 'The read units of some calls are not known.');
    const cost = { calls: this.#calls, readUnits: this.#readUnits };
    const times = { virtualMs: bastions.clock.now() - beganAt, cpuMs: (user + system) / 1000 };
    return { ...cost, ...times, ...(failure !== undefined && { failure }) };
  }

  /** An error must not reach the function, which would take it for a broken connection. */
  #countUnits(bastions: Deployment, call: Call, output: unknown): void {
    try {
      const whole = ofWholeItems(call);
      const wholeOutput = whole === call ? output : callTable(bastions, call.action, whole.input);
      this.#readUnits += readUnitsOf(call, wholeOutput);
    } catch (error) {
      this.#errors.push(error);
    }
  }
}
