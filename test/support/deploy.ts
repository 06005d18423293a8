import { inject } from 'vitest';
import { deployRecorded } from '../least-privilege/deploy-recorded.ts';
import { Recorder } from '../least-privilege/recorder.ts';
import type { Deployment, DeploymentOptions } from './deployment.ts';

let recorder: Recorder | undefined;
let pooledRecorder: Recorder | undefined;

/**
 * Deploys the stack that all tests share. Each deployment is empty. After the last test of a file, the template's policies must
 * allow every call that its functions and tasks have made.
 */
export async function deploy(options?: DeploymentOptions): Promise<Deployment> {
  const assembly = inject('assembly');
  recorder ??= new Recorder(assembly);
  return deployRecorded(recorder, assembly, options);
}

/** As `deploy`, with a pool of two bastions. */
export async function deployPooled(options?: DeploymentOptions): Promise<Deployment> {
  const assembly = inject('pooledAssembly');
  pooledRecorder ??= new Recorder(assembly);
  return deployRecorded(pooledRecorder, assembly, options);
}

/** Deploys the stack without its schedules and its event rule, which CloudFormation deletes before the drain. */
export const deployClosed = ({ onCall = (_, proceed) => proceed(), ...options }: DeploymentOptions = {}) =>
  deploy({
    ...options,
    reaps: false,
    onCall: async (call, proceed, invocation) =>
      call.kind === 'delivery' && call.service === 'events' ? undefined : onCall(call, proceed, invocation),
  });

/** Throws if a call since the last check is one that no policy allows. */
export async function checkCalls(): Promise<void> {
  const recorders = [recorder, pooledRecorder];
  recorder = undefined;
  pooledRecorder = undefined;
  for (const recorded of recorders) await recorded?.check();
}
