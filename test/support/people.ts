/** The people of the tests: their names, ARNs, addresses and keys, and the requests that they send. */

export const accountId = '123456789012';

/** The setting `admins` of the stack under test names this caller. */
export const admin = `arn:aws:iam::${accountId}:user/admin`;

/** The ARN of a person who is no admin. */
export const personArn = (name: string): string => `arn:aws:sts::${accountId}:assumed-role/dev/${name}`;

/** A request comes from here unless it says otherwise: https://datatracker.ietf.org/doc/html/rfc5737 */
export const home = '198.51.100.4';
export const elsewhere = '203.0.113.9';
/** https://datatracker.ietf.org/doc/html/rfc3849 */
export const homeIpv6 = '2001:db8::1';

/** The nth public key of the tests, an Ed25519 one without comment. */
export const publicKey = (n: number): string =>
  `ssh-ed25519 ${Buffer.from([0, 0, 0, 11, ...Buffer.from('ssh-ed25519'), 0, 0, 0, 32, ...Array(32).fill(n)]).toString('base64')}`;

export const asJson = 'application/json';

/** Arjen's request for a bastion. The admin sends it on his behalf. */
export const arjen = { query: { user: 'arjen' }, body: publicKey(1), accept: asJson };
export const berta = { query: { user: 'berta' }, body: publicKey(2), accept: asJson };
