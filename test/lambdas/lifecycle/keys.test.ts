import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { describe, expect, it } from 'vitest';
import { keyParameterPrefix } from '../../../contracts/account.ts';
import { inProcess } from '../../../emulator/in-process.ts';
import { deploy } from '../../support/deploy.ts';
import type { Deployment } from '../../support/deployment.ts';
import { line } from '../../support/ssh-keys.ts';

const query = { user: 'arjen' };
const armour =
  '-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAABG5vbmU=\n-----END OPENSSH PRIVATE KEY-----\n';

async function store(bastions: Deployment, value: string): Promise<void> {
  const ssm = new SSMClient(inProcess(bastions.aws, bastions.clock));
  const Name = `${keyParameterPrefix}${query.user}`;
  await bastions.clock.run(ssm.send(new PutParameterCommand({ Name, Value: value, Type: 'String' })));
}

/** The refusal's sentence. Fails when the refused request has left a row, or anything in AWS. */
async function refusal(bastions: Deployment, body?: string): Promise<string> {
  const { status, json } = await bastions.call('POST /', { query, ...(body !== undefined && { body }) });
  expect({ status, leftovers: await bastions.leftovers(), rows: await bastions.rows() }).toEqual({
    status: 400,
    leftovers: [],
    rows: [],
  });
  return json.ErrorMessage;
}

/** An RSA key of this many bits, the kind with the longest line. */
const rsaOf = (bits: number) =>
  line('ssh-rsa', Buffer.from([1, 0, 1]), Buffer.concat([Buffer.of(0), Buffer.alloc(bits / 8, 0xff)]));

describe('a start', () => {
  it('with the longest key that is taken fits into the overrides of its task', async () => {
    const bastions = await deploy();
    const key = rsaOf(16_384);
    const body = `${key} ${'é'.repeat((8192 - key.length) / 2 - 1)}`;
    expect(body.length).toBeGreaterThan(5000);
    expect((await bastions.call('POST /', { query, body })).status).toBe(200);
  });

  it.each([
    ['a key that OpenSSH would refuse', line('ssh-ed25519', Buffer.alloc(31, 7)), /31 bytes, expected 32/],
    ['a private key', armour, /private key, and it has left your machine/],
    ['a private key in JSON', JSON.stringify({ publicKey: armour }), /left your machine/],
    ['a private key under another name in JSON', JSON.stringify({ key: armour }), /left your machine/],
  ])('with %s is refused before anything is made', async (_, body, message) => {
    expect(await refusal(await deploy(), body)).toMatch(message);
  });

  it.each(['utf16le', 'latin1'] as const)('with a private key in a body of %s is warned', async (encoding) => {
    const text = `\ufeff${armour}é`;
    const request = { query, body: Buffer.from(text, encoding).toString('base64'), isBase64Encoded: true };
    const { json } = await (await deploy()).call('POST /', request);
    expect(json.ErrorMessage).toMatch(/left your machine/);
  });

  it.each([
    ['rubbish', 'rubbish', /^The public key stored as \/bastions\/keys\/arjen can't be used: "rubbish" is no key type/],
    ['a private key', armour, /^The public key stored as \/bastions\/keys\/arjen can't be used: it is a private key/],
  ])('with %s stored for the user is refused by the name of the parameter', async (_, value, message) => {
    const bastions = await deploy();
    await store(bastions, value);
    expect(await refusal(bastions)).toMatch(message);
  });

  it('takes a stored key that has a comment line above it', async () => {
    const bastions = await deploy();
    await store(bastions, `# of Arjen\n${line('ssh-ed25519', Buffer.alloc(32, 7))}\n`);
    expect((await bastions.call('POST /', { query })).status).toBe(200);
  });
});
