import { type Deployment, type DeploymentOptions, deployInProcess } from '../support/deployment.ts';
import type { Recorder } from './recorder.ts';

/** Deploys the stack in process and records every call, before `options.onCall` sees it. */
export async function deployRecorded(
  recorder: Recorder,
  assembly: string,
  options: DeploymentOptions = {},
): Promise<Deployment> {
  let deployed: Deployment | undefined;
  deployed = await deployInProcess(assembly, {
    ...options,
    onCall: (call, proceed, invocation) => {
      const happen = (go: typeof proceed) => options.onCall?.(call, go, invocation) ?? go();
      return deployed === undefined ? happen(proceed) : recorder.watch(deployed.aws, call, proceed, happen);
    },
  });
  return deployed;
}
