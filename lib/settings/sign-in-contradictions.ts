/** The rules between the props for sign-in. */
import type { ResolvedProps } from './rules.ts';
import { defaults } from './rules.ts';
import { textOf } from './text.ts';

type Pair = readonly [holds: boolean, name: string, expected: string];

/** @param noun names a prop in the sentences: `prop`, or `setting` where a deployer types it */
export const signInContradictions = (props: ResolvedProps, noun: string): readonly Pair[] => [
  ...needs(props, noun, {
    issuer: 'oidcIssuer',
    required: ['oidcClientId', 'oidcDomains'],
    others: [
      ...(['oidcAudience', 'oidcScopes', 'oidcRedirectUri'] as const),
      ...(['oidcUserClaim', 'oidcAdmins', 'oidcGroups', 'oidcGroupsClaim', 'oidcRoles'] as const),
    ],
  }),
  ...needs(props, noun, { issuer: 'ciIssuer', required: ['ciAudience', 'ciRepositories'], others: [] }),
  [
    props.oidcScopes.length > 0 || props.oidcAudience === undefined || props.oidcAudience === props.oidcClientId,
    'oidcAudience',
    `the ${noun} oidcClientId, or scopes in the ${noun} oidcScopes, because ID tokens are for the client`,
  ],
  [
    admins(props).every((admin) => hasDomainOf(admin, props.oidcDomains ?? [])),
    'oidcAdmins',
    `addresses in one of the ${noun} oidcDomains, because no other address can sign in`,
  ],
  [
    props.ciIssuer === undefined ||
      props.ciIssuer !== props.oidcIssuer ||
      (props.ciAudience !== props.oidcAudience && props.ciAudience !== props.oidcClientId),
    'ciAudience',
    'another audience than that of people',
  ],
];

type SignInProp = keyof ResolvedProps & (`oidc${string}` | `ci${string}`);

interface Group {
  readonly issuer: SignInProp;
  readonly required: readonly SignInProp[];
  readonly others: readonly SignInProp[];
}

/** The props that an issuer needs, and all those that need the issuer. */
function needs(props: ResolvedProps, noun: string, { issuer, required, others }: Group): readonly Pair[] {
  const hasIssuer = props[issuer] !== undefined;
  return [
    ...required.map(
      (name): Pair => [!hasIssuer || props[name] !== undefined, name, `a value beside the ${noun} ${issuer}`],
    ),
    ...[...required, ...others].map(
      (name): Pair => [
        hasIssuer || textOf(props[name]) === textOf(defaults[name]),
        name,
        `the ${noun} ${issuer} beside it`,
      ],
    ),
  ];
}

const admins = ({ oidcAdmins }: ResolvedProps) => oidcAdmins.filter((admin) => !admin.startsWith('group:'));

const hasDomainOf = (address: string, domains: readonly string[]): boolean =>
  domains.some((domain) => address.toLowerCase().endsWith(`@${domain.toLowerCase()}`));
