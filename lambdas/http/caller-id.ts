/** The checked identity of a request: `<issuer>#<subject>` of a token on the routes for tokens, an ARN on the others. */
import { personRoutes, workloadRoutes } from '../../contracts/sign-in.ts';
import { claimOf, type HttpEvent } from './event.ts';

/** Whom a route is for, and so which identity its authorizer checks. */
export type Door = 'iam' | 'person' | 'workload';

export function doorOf({ routeKey }: Pick<HttpEvent, 'routeKey'>): Door {
  const isOf = (routes: Readonly<Record<string, string>>) => Object.values(routes).includes(routeKey);
  if (isOf(personRoutes)) return 'person';
  return isOf(workloadRoutes) ? 'workload' : 'iam';
}

/** https://openid.net/specs/openid-connect-core-1_0.html#IDToken */
const isSubject = /^[ -~]{1,255}$/;

/** Undefined without an identity of the kind that the route's authorizer checks, and with one of another kind beside it. */
export function callerIdOf(event: HttpEvent): string | undefined {
  const { iam, jwt } = event.requestContext.authorizer ?? {};
  if (iam !== undefined && jwt !== undefined) return undefined;
  if (doorOf(event) === 'iam') return iam?.userArn;
  const issuer = claimOf(event, 'iss');
  const subject = claimOf(event, 'sub');
  return issuer !== undefined && subject !== undefined && isSubject.test(subject) ? `${issuer}#${subject}` : undefined;
}
