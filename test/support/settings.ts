import { admin } from './people.ts';

/** The settings of the stack that tests run in process. */
export const testSettings = { admins: admin, agents: 'ssh,ssm,bzero-ssm,bzero' };
