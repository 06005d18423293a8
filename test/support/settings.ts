import { admin } from './people.ts';

/** The settings of the stack that tests run in process. */
export const testSettings = { admins: admin, agents: 'ssh,ssm,bzero-ssm,bzero' };

/** The same stack with a pool of two bastions. */
export const pooledSettings = { ...testSettings, poolSize: '2' };
