import { admin } from './people.ts';

/** Sign-in for people and for workloads, with an issuer that nobody asks. */
export const signInSettings = {
  oidcIssuer: 'https://login.example.com',
  oidcClientId: 'bastion-page',
  oidcAudience: 'bastions',
  oidcScopes: 'bastions/use',
  oidcRedirectUri: 'http://localhost:8400/callback',
  oidcDomains: 'example.com,Example.org',
  oidcAdmins: 'root@example.com,group:ops',
  ciIssuer: 'https://token.actions.githubusercontent.com',
  ciAudience: 'bastions-ci',
  ciRepositories: 'example/*',
};

/** The settings of the stack that tests run in process. */
export const testSettings = { admins: admin, agents: 'ssh,ssm,bzero-ssm,bzero', ...signInSettings };

/** The same stack with a pool of two bastions. */
export const pooledSettings = { ...testSettings, poolSize: '2' };
