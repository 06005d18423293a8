/** A person with a token of the identity provider. */
import { userPattern } from '../../../contracts/api.ts';
import type { SignInRules } from '../../../contracts/stack.ts';
import { Forbidden } from '../../core/session/errors.ts';
import { shown } from '../../core/session/shown.ts';
import { claimOf, type HttpEvent } from '../event.ts';
import type { Caller } from './caller.ts';

/** Throws `Forbidden` for a token that names nobody whom the rules let in. */
export function personOf(event: HttpEvent, id: string, rules: SignInRules): Caller {
  const name = nameIn(event, rules);
  const own = groupsIn(claimOf(event, rules.groupsClaim));
  if (rules.groups.length > 0 && !rules.groups.some((group) => own.includes(group))) {
    throw new Forbidden(
      `${name} is in none of the groups that may use this deployment. Ask its operator, and sign in again once you are.`,
    );
  }
  return { id, name, isAdmin: rules.admins.some((admin) => isOne(admin, name, own)) };
}

function nameIn(event: HttpEvent, { userClaim, domains }: SignInRules): string {
  const name = claimOf(event, userClaim);
  if (name === undefined) {
    throw new Forbidden(
      `The token has no claim ${userClaim}, which names the user. Ask the operator to have the identity provider put it there.`,
    );
  }
  if (userClaim === 'email' && claimOf(event, 'email_verified') !== 'true') {
    throw new Forbidden(
      `The identity provider does not say that ${shown(name, 80)} is verified. Have it verified there, and sign in again.`,
    );
  }
  if (!isAddressIn(domains, name)) {
    throw new Forbidden(
      `The claim ${userClaim}: got "${shown(name, 80)}", expected an address in ${domains.join(' or ')}, of at most 64 of ` +
        'A-Z a-z 0-9 _ + = , . @ -. Sign in with such an account.',
    );
  }
  return name;
}

/** True for a user name that is an address in one of the domains. */
export function isAddressIn(domains: readonly string[], name: string): boolean {
  const [, domain = ''] = /^[^@]+@([^@]+)$/.exec(name) ?? [];
  // The pattern first: it has no character outside of ASCII, whose small letters could be those of another domain.
  return userPattern.test(name) && domains.some((one) => one.toLowerCase() === domain.toLowerCase());
}

/**
 * The groups in a claim. API Gateway hands a list on as `[a b]`, so a name with a blank looks like two names, and no rule has
 * such a name.
 */
function groupsIn(claim = ''): readonly string[] {
  const [, list] = /^\[(.*)\]$/s.exec(claim) ?? [];
  return list === undefined ? [claim] : list.split(' ');
}

function isOne(admin: string, name: string, groups: readonly string[]): boolean {
  const prefix = 'group:';
  return admin.startsWith(prefix)
    ? groups.includes(admin.slice(prefix.length))
    : admin.toLowerCase() === name.toLowerCase();
}
