/** The issuer of the stack under test, as far as a function asks it: its discovery document. */
import type { Fetch } from '../../lambdas/aws/cloudformation/stack-requests.ts';
import { issuer } from './tokens.ts';

const document = {
  issuer,
  authorization_endpoint: `${issuer}/authorize`,
  token_endpoint: `${issuer}/token`,
  id_token_signing_alg_values_supported: ['RS256'],
};

/** @param others answers everything else */
export const withIssuer =
  (others: Fetch): Fetch =>
  async (url, init) =>
    url === `${issuer}/.well-known/openid-configuration` ? Response.json(document) : others(url, init);
