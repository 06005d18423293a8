/** Private host keys and activations appear in handoff items, and in the answers to their agents. They appear nowhere else. */
import { inspect } from 'node:util';
import type { Call } from '../../emulator/wire.ts';
import { putsHandoff } from '../support/handoffs.ts';
import { isAgents } from './ledger.ts';

/** The private halves in test/support/host-keys.ts, and the activations of actors.ts and scene.ts. */
const secret = /private (ed25519|ecdsa) host key \d+|\b(aid|code)-\d+-\d+\b/;

export const holdsSecret = (value: unknown): boolean =>
  secret.test(typeof value === 'string' ? value : inspect(value, { depth: 8, breakLength: Infinity }));

/** The violations of one call and its answer. @param title the title of the function that makes it */
export function leaksIn(call: Call, output: unknown, title: string | undefined): string[] {
  const where = `${call.action} of ${title ?? 'an agent or AWS itself'}`;
  const isAnswerToAgent = title === undefined && call.kind === 'api' && isAgents(call);
  return [
    ...(holdsSecret(JSON.stringify(call.input)) && !putsHandoff(call) ? [`a secret is in the ${where}`] : []),
    ...(holdsSecret(JSON.stringify(output) ?? '') && !isAnswerToAgent
      ? [`a secret is in the answer to the ${where}`]
      : []),
  ];
}
