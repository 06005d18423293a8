/** The props of `Bastions` for callers without an AWS identity: people with an identity provider, and workloads of a CI service. */
export interface SignInProps {
  /**
   * Issuer of the tokens that people sign in with: the `issuer` of the identity provider's discovery document, to the letter,
   * also as a token.
   *
   * It adds the routes under `/me`. API Gateway reads the discovery document when it deploys, and takes tokens that are signed with
   * RSA alone. Plain http is for an issuer on this machine.
   * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-jwt-authorizer.html
   *
   * @default - callers need an AWS identity
   */
  readonly oidcIssuer?: string;

  /**
   * Id of the public client that the identity provider knows the page and the command by, also as a token.
   *
   * @default - required beside `oidcIssuer`
   */
  readonly oidcClientId?: string;

  /**
   * Audience that the tokens must be for, also as a token.
   *
   * Without `oidcScopes` ID tokens are accepted, whose audience is the client, so the audience must be the client then.
   *
   * @default - `oidcClientId`
   */
  readonly oidcAudience?: string;

  /**
   * Scopes of which a token must have at least one, such as `bastions/use`.
   *
   * Entra ID writes the last part of a scope such as `api://bastions/use` into its tokens, so that part counts too. Without scopes
   * the client must serve nothing else, because ID tokens are accepted.
   *
   * @default - no scope, and ID tokens are accepted
   */
  readonly oidcScopes?: readonly string[];

  /**
   * Place on a person's machine where the command waits for the answer of the identity provider, as the client is registered.
   *
   * Without a port the command takes any free one. Name a port where the identity provider compares it, as Cognito and Okta do, and
   * `localhost` where it knows no address, as Entra ID does.
   *
   * @default - `http://127.0.0.1/callback`, at any port
   */
  readonly oidcRedirectUri?: string;

  /**
   * Claim that names the user. Its value must be an address in one of `oidcDomains`.
   *
   * The claim `email` counts only beside `email_verified`. Of another claim the identity provider must make sure that nobody
   * chooses it freely.
   *
   * @default 'email'
   */
  readonly oidcUserClaim?: string;

  /**
   * Domains of the addresses that may be user names, such as `example.com`. A subdomain is another domain.
   *
   * @default - required beside `oidcIssuer`
   */
  readonly oidcDomains?: readonly string[];

  /**
   * Who may act for every user: addresses, and groups as `group:<name>`.
   *
   * @default - no admins
   */
  readonly oidcAdmins?: readonly string[];

  /**
   * Groups whose members alone may use the deployment, admins too.
   *
   * @default - everybody with an address in one of `oidcDomains`
   */
  readonly oidcGroups?: readonly string[];

  /**
   * Claim that lists the groups of a person.
   *
   * @default 'groups'
   */
  readonly oidcGroupsClaim?: string;

  /**
   * IAM roles whose sessions may bear the address of a person in `oidcDomains`, and so are that person. `*` matches any text.
   *
   * Name only roles whose session name the caller can't choose, as IAM Identity Center's. Any other role's session under such a name
   * is refused.
   *
   * @default ['AWSReservedSSO_*']
   */
  readonly oidcRoles?: readonly string[];

  /**
   * Issuer of the tokens of CI workloads, such as `https://token.actions.githubusercontent.com`, also as a token.
   *
   * It adds the routes under `/ci`. The user is `owner=repository=environment`.
   *
   * @default - workloads need an AWS identity
   */
  readonly ciIssuer?: string;

  /**
   * Audience that a workload asks its CI service for. It must be used for nothing else.
   *
   * @default - required beside `ciIssuer`
   */
  readonly ciAudience?: string;

  /**
   * Repositories whose workloads may use the deployment, such as `example/*`. `*` matches any text without a slash.
   *
   * The first part must be written out: everybody may have a repository at a CI service.
   *
   * @default - required beside `ciIssuer`
   */
  readonly ciRepositories?: readonly string[];
}
