/** How a deployment lets people and jobs in. Everybody may ask it. */
import * as v from 'valibot';
import { pageRoutes, type WebConfig, webConfig } from '../../contracts/sign-in.ts';
import { CliError, exitCodes } from '../terminal/errors.ts';
import { deliver } from './client.ts';
import type { Endpoint } from './endpoint.ts';
import { badReply } from './refusals.ts';

const reply = v.pipe(v.string(), v.parseJson(), webConfig);

/** A deployment without the route takes callers with an AWS identity alone. */
export async function readWebConfig(endpoint: Endpoint): Promise<WebConfig> {
  const [method = '', path = ''] = pageRoutes.config.split(' ');
  const url = new URL(`${endpoint.url}${path}`);
  const { status, headers, text } = await deliver({ url, method, headers: { accept: 'application/json' } }, endpoint);
  if (status >= 400 && status < 500) return { signIn: 'none' };
  if (status !== 200) {
    throw new CliError(
      `${url} answers with ${status}, expected how people sign in. Try again in a minute, or tell the operator.`,
      exitCodes.tryAgain,
    );
  }
  const parsed = v.safeParse(reply, text);
  if (!parsed.success) throw badReply(`${path} does not say how people sign in`, headers);
  return parsed.output;
}
