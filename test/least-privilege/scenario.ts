import type { Deployment, DeploymentOptions } from '../support/deployment.ts';

/** Something that the functions do, on purpose or by accident. Each scenario has a deployment of its own. */
export interface Scenario {
  /** Returns new options for each run: an interceptor has a state. */
  readonly options?: () => DeploymentOptions;
  readonly act: (bastions: Deployment) => Promise<unknown>;
}
