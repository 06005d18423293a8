/** The four dialects of `/start`, each with an activation of its own, and the values that its agent must receive. */
import { createHash, createHmac } from 'node:crypto';

export interface Activation {
  readonly dialect: 'D0' | 'D1' | 'D2a' | 'D2';
  readonly kind: string;
  readonly idName: 'containerId' | 'uniqueId';
  readonly body: Readonly<Record<string, string>>;
  /** The values that the agent must receive. */
  readonly variables: Readonly<Record<string, string>>;
  /** The values that must appear in the handoff alone. */
  readonly secrets: readonly string[];
}

/** One activation of each dialect. @param tag makes them differ from all others */
export function activations(tag: string): Activation[] {
  const id = `id-${tag}-5f2c`;
  const code = `code-${tag}-9a71`;
  const token = `token-${tag}-c3d8`;
  const ssm = { activationId: id, activationRegion: 'us-east-1', activationCode: code };
  const ssmVariables = { ACTIVATION_ID: id, ACTIVATION_REGION: 'us-east-1', ACTIVATION_CODE: code };
  const environmentId = `environment-${tag}`;
  const bzero = (serviceUrl: string) => ({
    SERVICE_URL: serviceUrl,
    ACTIVATION_TOKEN: token,
    ENVIRONMENT_ID: environmentId,
  });
  return [
    { dialect: 'D0', kind: 'ssm', idName: 'containerId', body: ssm, variables: ssmVariables, secrets: [id, code] },
    {
      dialect: 'D1',
      kind: 'bzero-ssm',
      idName: 'containerId',
      body: { ...ssm, activationId: `${id}-1`, orgId: 'org', orgProvider: 'google' },
      variables: { ...ssmVariables, ACTIVATION_ID: `${id}-1`, ORG_ID: 'org', ORG_PROVIDER: 'google' },
      secrets: [id, code],
    },
    {
      dialect: 'D2a',
      kind: 'bzero',
      idName: 'uniqueId',
      body: { activationToken: token, environmentId },
      variables: bzero('https://cloud.bastionzero.com'),
      secrets: [token],
    },
    {
      dialect: 'D2',
      kind: 'bzero',
      idName: 'uniqueId',
      body: { activationToken: `${token}-2`, environmentId, serviceUrl: 'https://zero.example.com' },
      variables: { ...bzero('https://zero.example.com'), ACTIVATION_TOKEN: `${token}-2` },
      secrets: [token],
    },
  ];
}

/** BastionZero's first protocol, from its own description: https://github.com/bastionzero/dynamic-access-example */
export function hmacHeaders(secret: string, action: 'start' | 'stop', body: string, epochSeconds: number) {
  const sign = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest();
  const timestamp = String(epochSeconds);
  const key = [timestamp, action, 'bzero_request'].reduce<string | Buffer>(sign, `BZERO${secret}`);
  const hash = createHash('sha256').update(body).digest('hex');
  const signature = sign(key, `HMAC-SHA256\n${timestamp}\n${action}/bzero_request\n${hash}`).toString('hex');
  return { 'x-timestamp': timestamp, 'x-signature': signature };
}
