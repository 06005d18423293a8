import { GetSecretValueCommand, type SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import * as v from 'valibot';
import type { Clock, WebhookSecrets } from '../../core/session/ports.ts';
import { failedTo } from '../errors.ts';

const freshForMs = 5 * 60_000;

/** Long enough to be unguessable, and never empty. */
const secret = v.pipe(v.string(), v.trim(), v.minLength(16, 'expected at least 16 characters'));
const value = v.object({
  current: secret,
  previous: v.optional(
    v.union([
      v.pipe(
        v.literal(''),
        v.transform(() => undefined),
      ),
      secret,
    ]),
  ),
});

/** The secret's value is JSON: `{"current": "…"}`, during a rotation with `"previous": "…"`. Read at most every 5 minutes. */
export class SecretsManagerWebhookSecret implements WebhookSecrets {
  readonly #client: SecretsManagerClient;
  readonly #secretId: string;
  readonly #clock: Clock;
  #last: { readonly at: number; readonly accepted: readonly string[] } | undefined;

  constructor(client: SecretsManagerClient, secretId: string, clock: Clock) {
    this.#client = client;
    this.#secretId = secretId;
    this.#clock = clock;
  }

  /** Throws when the secret can not be read or has another form. The message never quotes it. */
  async accepted(): Promise<readonly string[]> {
    const now = this.#clock.now();
    if (this.#last && now - this.#last.at < freshForMs) return this.#last.accepted;
    const command = new GetSecretValueCommand({ SecretId: this.#secretId });
    const { SecretString = '' } = await this.#client.send(command).catch(failedTo('read the webhook secret'));
    const accepted = secretsIn(SecretString);
    this.#last = { at: now, accepted };
    return accepted;
  }
}

function secretsIn(text: string): readonly string[] {
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), value), text);
  if (!parsed.success) {
    throw new Error(
      'The webhook secret is not {"current": "<16 characters or more>", "previous": "<optional>"}. Store it in this form.',
    );
  }
  const { current, previous } = parsed.output;
  return previous === undefined ? [current] : [current, previous];
}
