/** The claims of tokens as API Gateway hands them on: all as text. The stack under test lets these people and this workload in. */

export const issuer = 'https://login.example.com';
export const ciIssuer = 'https://token.actions.githubusercontent.com';

export const personClaims = (email: string, claims: Readonly<Record<string, string>> = {}) => ({
  iss: issuer,
  sub: `id-of-${email}`,
  aud: 'bastions',
  email,
  email_verified: 'true',
  scope: 'openid bastions/use',
  ...claims,
});

export const ann = personClaims('ann@example.com');
/** An admin, by her group. */
export const olga = personClaims('olga@example.com', { groups: '[dev ops]' });

/** https://docs.github.com/en/actions/reference/security/oidc */
export const workloadClaims = (repository: string, environment: string) => ({
  iss: ciIssuer,
  sub: `repo:${repository}:environment:${environment}`,
  aud: 'bastions-ci',
  repository,
  environment,
});

export const deployJob = workloadClaims('example/shop', 'production');
