/** The routes for callers with a token, behind API Gateway's JWT authorizers. */
import { Annotations } from 'aws-cdk-lib';
import type * as apigateway from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpJwtAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2-authorizers';
import type { Construct } from 'constructs';
import { personRoutes, workloadRoutes } from '../contracts/sign-in.ts';
import type { ResolvedProps } from './settings/rules.ts';

/** A route by its name in `contracts/sign-in.ts`. */
type RouteName = keyof typeof personRoutes;

interface TokenRoute {
  readonly key: string;
  readonly name: RouteName;
  readonly authorizer: apigateway.IHttpRouteAuthorizer;
  /** A token must have at least one of them. */
  readonly scopes: readonly string[];
}

export type SignInSettings = Pick<
  ResolvedProps,
  'oidcIssuer' | 'oidcClientId' | 'oidcAudience' | 'oidcScopes' | 'ciIssuer' | 'ciAudience'
>;

/** No routes without an issuer. The first authorizer is for people, the second for workloads: an authorizer has one issuer. */
export function tokenRoutes(scope: Construct, props: SignInSettings): readonly TokenRoute[] {
  const { oidcIssuer, oidcClientId, oidcAudience = oidcClientId, ciIssuer, ciAudience } = props;
  const made: TokenRoute[] = [];
  if (oidcIssuer !== undefined && oidcAudience !== undefined) {
    const authorizer = new HttpJwtAuthorizer('People', oidcIssuer, { jwtAudience: [oidcAudience] });
    const scopes = props.oidcScopes.flatMap(formsOf);
    for (const name of namesIn(personRoutes)) made.push({ key: personRoutes[name], name, authorizer, scopes });
    remindOfRsa(scope, 'oidcIssuer', oidcIssuer);
  }
  if (ciIssuer !== undefined && ciAudience !== undefined) {
    const authorizer = new HttpJwtAuthorizer('Workloads', ciIssuer, { jwtAudience: [ciAudience] });
    for (const name of namesIn(workloadRoutes)) made.push({ key: workloadRoutes[name], name, authorizer, scopes: [] });
    remindOfRsa(scope, 'ciIssuer', ciIssuer);
  }
  return made;
}

/**
 * A scope as a token may name it. Entra ID is asked for `api://bastions/use` and writes `use`. The audience keeps out tokens for
 * another API that has a scope of that name.
 * https://learn.microsoft.com/en-us/entra/identity-platform/access-token-claims-reference
 */
function formsOf(scope: string): readonly string[] {
  const [, last] = /^[a-z]+:\/\/.*\/([^/]+)$/.exec(scope) ?? [];
  return last === undefined ? [scope] : [scope, last];
}

const namesIn = <Name extends RouteName>(routes: Readonly<Record<Name, string>>): readonly Name[] =>
  Object.keys(routes).filter((name): name is Name => name in routes);

/** The synthesis reads no discovery document. */
function remindOfRsa(scope: Construct, prop: string, issuer: string): void {
  Annotations.of(scope).addInfo(
    `${prop}: API Gateway takes tokens of ${issuer} only if they are signed with RSA, such as RS256. ` +
      'id_token_signing_alg_values_supported in its discovery document says so.',
  );
}
