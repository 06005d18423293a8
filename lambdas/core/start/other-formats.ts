/** Recognizes what people send instead of an OpenSSH public key line: private keys, and public keys in other formats. */

/** Marks of private keys: the armour of PEM, OpenSSH, ssh.com and PGP, OpenSSH's own base64, PuTTY, age. A form encodes blanks. */
const privateMarks = [
  /(BEGIN|END)([\s+]|%20)+([A-Z0-9]+([\s+]|%20)+){0,3}PRIVATE([\s+]|%20)+KEY/,
  /b3BlbnNzaC1rZXktdjE/, // base64 of "openssh-key-v1"
  /PuTTY-User-Key-File-/,
  /Private-(Lines|MAC|Hash):/,
  /AGE-SECRET-KEY-1/i,
];

/**
 * The first bytes of PEM's contents, in hexadecimal digits: a sequence that begins with the version 0 or 1 (RFC 8017, RFC 5208,
 * RFC 5915), or with the OID of a password's encryption (RFC 8018). A public key begins otherwise.
 */
const privateDer = /^30(?:[0-7].|81..|82.{4})(?:02010[01]|30(?:[0-7].|81..)06092a864886f70d0105)/;

/** Tells whether the text holds a private key: as it is, as UTF-16, or once more in base64. */
export const isPrivateKey = (text: string): boolean => {
  const plain = text.replaceAll('\0', '');
  const bytes = decoded(plain);
  return hasPrivateMark(plain) || hasPrivateMark(bytes) || isPrivateDer(bytes) || isPrivateDer(text);
};

const hasPrivateMark = (text: string): boolean =>
  privateMarks.some((mark) => mark.test(text)) || (text.includes('"kty"') && /"d"\s*:/.test(text)); // the second is a JWK

function decoded(text: string): string {
  const base64 = text.replaceAll(/\s/g, '');
  return /^[A-Za-z0-9+/]+={0,2}$/.test(base64) && base64.length % 4 === 0 ? atob(base64) : '';
}

function isPrivateDer(bytes: string): boolean {
  const start = Array.from(bytes.slice(0, 24), (byte) => byte.charCodeAt(0).toString(16).padStart(2, '0'));
  return privateDer.test(start.join(''));
}

interface Format {
  readonly mark: RegExp;
  readonly name: string;
  /** The advice, a sentence without its full stop. */
  readonly advice: string;
}

const convert = (option: string) => `Convert it with: ssh-keygen -i ${option}-f <file>`;

const formats: readonly Format[] = [
  { mark: /BEGIN SSH2 PUBLIC KEY/, name: 'RFC 4716 (SSH2, as PuTTYgen saves it)', advice: convert('') },
  { mark: /BEGIN RSA PUBLIC KEY/, name: 'PEM (PKCS #1)', advice: convert('-m PEM ') },
  { mark: /BEGIN PUBLIC KEY/, name: 'PKCS #8', advice: convert('-m PKCS8 ') },
  { mark: /BEGIN CERTIFICATE/, name: 'X.509 (a certificate)', advice: 'Send the .pub file of an SSH key' },
  { mark: /BEGIN PGP/, name: 'OpenPGP', advice: 'Export it with: gpg --export-ssh-key <key>' },
  { mark: /"kty"/, name: 'JWK', advice: 'Send the .pub file of an SSH key' },
  {
    mark: /^\s*[\w-]+-cert-v0[01]@openssh\.com\s/,
    name: 'an OpenSSH certificate',
    advice: 'Send the .pub file that it was made from',
  },
];

/** The format of a public key that is not in OpenSSH's own, with advice; undefined when the text has no such mark. */
export function otherFormatOf(text: string): Pick<Format, 'name' | 'advice'> | undefined {
  return formats.find(({ mark }) => mark.test(text));
}
