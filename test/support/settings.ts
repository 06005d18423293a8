export const admin = 'arn:aws:iam::123456789012:user/admin';

/** The settings of the stack that tests run in process. */
export const testSettings = { admins: admin, agents: 'ssh,ssm,bzero-ssm,bzero' };
