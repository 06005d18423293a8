import { inject } from 'vitest';
import { deployRecorded } from '../least-privilege/deploy-recorded.ts';
import { Recorder } from '../least-privilege/recorder.ts';
import type { Deployment, DeploymentOptions } from './deployment.ts';

let recorder: Recorder | undefined;

/**
 * The stack that all tests share, deployed anew: nothing is left of what another test did. Once all tests of the file are
 * through, every call that its functions and tasks have made must be one that the policies of the template allow.
 */
export async function deploy(options?: DeploymentOptions): Promise<Deployment> {
  const assembly = inject('assembly');
  recorder ??= new Recorder(assembly);
  return deployRecorded(recorder, assembly, options);
}

/** The same, of which the schedules and the rule have been deleted, as they are before the drain. */
export const deployClosed = ({ onCall = (_, proceed) => proceed(), ...options }: DeploymentOptions = {}) =>
  deploy({
    ...options,
    reaps: false,
    onCall: async (call, proceed, invocation) =>
      call.kind === 'delivery' && call.service === 'events' ? undefined : onCall(call, proceed, invocation),
  });

/** Throws when a call was made since the last check that no policy allows. */
export async function checkCalls(): Promise<void> {
  const recorded = recorder;
  recorder = undefined;
  await recorded?.check();
}
