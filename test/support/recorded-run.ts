/** Starts the local run in this process, and records its calls for a check against its template's policies. */
import type { Interceptor } from '../../emulator/wire.ts';
import { Closers } from '../../local/closers.ts';
import type { Stack } from '../../local/cloudformation/stack.ts';
import { verboseLine } from '../../local/log-lines.ts';
import { type LocalRunOptions, startLocal } from '../../local/run.ts';
import { Recorder } from '../least-privilege/recorder.ts';
import { place } from '../least-privilege/roles.ts';
import { containerOptions } from './containers.ts';
import type { LocalRun } from './local-run.ts';
import type { LogEvent } from './logs-insights.ts';

export interface RecordedRun extends LocalRun {
  readonly stack: Stack;
  /** URL of the run's own identity provider. Undefined without one. */
  readonly issuer: string | undefined;
  /** Every line so far of the functions and the containers, as CloudWatch would have it. */
  readonly events: readonly LogEvent[];
  /** Ends the run. Throws if a function or a task has made a call that its role does not allow. */
  stop(): Promise<void>;
}

/**
 * @param settings as after `-c`
 * @param signIn options for the identity provider of the run
 */
export async function startRecordedRun(
  settings: Readonly<Record<string, string>> = {},
  signIn: Pick<LocalRunOptions, 'issuerPort' | 'tokenSeconds'> = {},
): Promise<RecordedRun> {
  const closers = new Closers();
  let output = '';
  const events: LogEvent[] = [];
  const recording = Promise.withResolvers<Interceptor>();
  const { apiUrl, awsUrl, aws, stack, issuer, assembly } = await startLocal(
    {
      ...containerOptions(),
      ...signIn,
      apiPort: 0,
      awsPort: 0,
      context: settings,
      log: (entry) => {
        output += `${verboseLine(entry)}\n`;
        events.push({ timestamp: Date.now(), message: entry.line });
      },
      onCall: async (call, proceed) => (await recording.promise)(call, proceed),
    },
    closers,
  ).catch(async (error: unknown) => {
    await closers.close();
    throw error;
  });
  const recorder = new Recorder(assembly, { ...place, apiUrl });
  recording.resolve((call, proceed) => recorder.watch(aws, call, proceed));
  return {
    api: apiUrl,
    aws: awsUrl,
    stack,
    issuer,
    events,
    output: () => output,
    async stop() {
      await closers.close();
      await recorder.check();
    },
  };
}
