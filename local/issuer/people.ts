/** Who can sign in at the issuer of the local run. */

export interface Person {
  /** The subject of the person's tokens. */
  readonly id: string;
  readonly name: string;
  readonly email: string;
  readonly isEmailVerified: boolean;
  readonly groups: readonly string[];
}

export const domain = 'example.com';

/** The setting `oidcAdmins` of the local run names this group. */
export const adminGroup = 'ops';

export const people: readonly Person[] = [
  { id: 'ann', name: 'Ann', email: `ann@${domain}`, isEmailVerified: true, groups: ['dev'] },
  { id: 'olga', name: 'Olga', email: `olga@${domain}`, isEmailVerified: true, groups: ['dev', adminGroup] },
];

export const isAdmin = ({ groups }: Person): boolean => groups.includes(adminGroup);

export const claimsOf = ({ id, name, email, isEmailVerified, groups }: Person) => ({
  sub: id,
  name,
  email,
  email_verified: isEmailVerified,
  groups: [...groups],
});
