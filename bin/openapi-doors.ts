/** The callers of each group of routes, and their proofs of identity, in the OpenAPI document. */
import { routes } from '../contracts/api.ts';
import { absentForWorkloads, personRoutes, workloadRoutes } from '../contracts/sign-in.ts';

export const signed = [{ sigv4: [] }];
export const webhook = [{ webhook: [] }];

/** The routes of one kind of callers. */
export interface Door {
  readonly routes: Readonly<Record<string, string>>;
  /** Begins the name of each operation. */
  readonly prefix: string;
  /** How callers prove who they are, in place of what the operation says. */
  readonly security?: readonly object[];
  /** Parameters that these routes lack. */
  readonly absent: readonly string[];
}

export const doors: readonly Door[] = [
  { routes, prefix: '', absent: [] },
  { routes: personRoutes, prefix: 'me.', security: [{ token: [] }], absent: [] },
  { routes: workloadRoutes, prefix: 'ci.', security: [{ workloadToken: [] }], absent: absentForWorkloads },
];

export const securitySchemes = {
  sigv4: {
    type: 'apiKey',
    in: 'header',
    name: 'Authorization',
    description: 'AWS Signature Version 4, execute-api.',
  },
  token: {
    type: 'http',
    scheme: 'bearer',
    bearerFormat: 'JWT',
    description:
      'A token of the identity provider in the setting `oidcIssuer`, without which these routes are not there.',
  },
  workloadToken: {
    type: 'http',
    scheme: 'bearer',
    bearerFormat: 'JWT',
    description: 'A token of the CI service in the setting `ciIssuer`, without which these routes are not there.',
  },
  webhook: {
    type: 'apiKey',
    in: 'header',
    name: 'Authorization',
    description: '`Basic`, then the shared secret.',
  },
};
