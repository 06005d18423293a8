/** The defaults and rules of the props for sign-in. */
import * as v from 'valibot';
import { listOf, reference, text } from './schemas.ts';

/** Plain http is for an issuer on this machine alone. A subject follows the issuer after `#`, so that neither may hold one. */
const issuer = reference(
  /^(https:\/\/[^\s"'\\?#]+|http:\/\/(127\.0\.0\.1|localhost)(:\d+)?(\/[^\s"'\\?#]*)?)$/,
  'the https URL of an issuer, without ? and #, such as https://login.example.com',
);

const audience = reference(/^[!-~]{1,256}$/, 'text without blanks, such as the id of a client');

/** Characters that a scope may have, but for the comma, which separates two: https://datatracker.ietf.org/doc/html/rfc6749#section-3.3 */
const scopes = v.pipe(
  listOf(/^[!#-+\--[\]-~]{1,256}$/, 'scopes without blanks, such as bastions/use'),
  v.check(
    (values) => !values.some((value) => scopesOfEveryClient.includes(value)),
    'scopes of your own, such as bastions/use, because every client may have openid and its like',
  ),
);

/** https://openid.net/specs/openid-connect-core-1_0.html#ScopeClaims */
const scopesOfEveryClient = ['openid', 'profile', 'email', 'address', 'phone', 'offline_access'];

const claim = text(/^[\w:./-]{1,128}$/, 'the name of a claim, such as email');

/** https://datatracker.ietf.org/doc/html/rfc8252#section-7.3 */
const loopback = text(
  /^http:\/\/(127\.0\.0\.1|\[::1\]|localhost)(:\d{1,5})?\/[\w./-]*$/,
  'a place on the machine of the command, such as http://localhost:8400/callback',
);

/** API Gateway hands a list on as `[a b]`. So a name with a blank could be two names. */
const group = String.raw`[^\s,[\]]{1,128}`;
const domain = String.raw`[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+`;

export const signInEntries = {
  oidcIssuer: v.exactOptional(issuer),
  oidcClientId: v.exactOptional(audience),
  oidcAudience: v.exactOptional(audience),
  oidcScopes: v.optional(scopes, []),
  oidcRedirectUri: v.exactOptional(loopback),
  oidcUserClaim: v.optional(claim, 'email'),
  oidcDomains: v.exactOptional(
    v.pipe(
      listOf(new RegExp(`^${domain}$`), 'domains such as example.com'),
      v.minLength(1, 'domains such as example.com'),
    ),
  ),
  oidcAdmins: v.optional(
    listOf(
      new RegExp(`^(group:${group}|[\\w+=.-]{1,64}@${domain})$`),
      'addresses such as ann@example.com, and groups such as group:ops, whose names have no blank',
    ),
    [],
  ),
  oidcGroups: v.optional(listOf(new RegExp(`^${group}$`), 'names of groups without blanks'), []),
  oidcGroupsClaim: v.optional(claim, 'groups'),
  oidcRoles: v.optional(listOf(/^[\w+=,.@*-]{1,64}$/, 'names of IAM roles, such as AWSReservedSSO_*'), [
    'AWSReservedSSO_*',
  ]),
  ciIssuer: v.exactOptional(issuer),
  ciAudience: v.exactOptional(audience),
  ciRepositories: v.exactOptional(
    v.pipe(
      // Everybody may have a repository at a CI service.
      listOf(/^[\w.-]+(\/[\w.*-]+)+$/, 'patterns of repositories whose first part has no *, such as example/*'),
      v.minLength(1, 'patterns of repositories, such as example/*'),
    ),
  ),
};
