import { inject } from 'vitest';
import { type DeploymentOptions, deployInProcess } from './deployment.ts';

/** The stack that all tests share, deployed anew: nothing is left of what another test did. */
export const deploy = (options?: DeploymentOptions) => deployInProcess(inject('assembly'), options);
