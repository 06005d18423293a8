/** AWS credentials: those in the environment first, because the SDK's chain of providers takes long to load. */
import type { Environment } from '../state/places.ts';
import type { Settings } from '../state/settings.ts';
import { CliError, exitCodes } from '../terminal/errors.ts';

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** A profile on the command line comes before keys in the environment, as with the AWS CLI. */
export async function credentialsOf(
  { values, origins }: Pick<Settings, 'values' | 'origins'>,
  env: Environment,
): Promise<Credentials> {
  const isProfileNamed = origins.profile === 'the command line';
  if (!isProfileNamed && env.AWS_ACCESS_KEY_ID && env.AWS_SECRET_ACCESS_KEY) {
    return {
      accessKeyId: env.AWS_ACCESS_KEY_ID,
      secretAccessKey: env.AWS_SECRET_ACCESS_KEY,
      ...(env.AWS_SESSION_TOKEN && { sessionToken: env.AWS_SESSION_TOKEN }),
    };
  }
  try {
    const { defaultProvider } = await import('./credential-chain.ts');
    const { accessKeyId, secretAccessKey, sessionToken } = await defaultProvider({
      ...(values.profile !== undefined && { profile: values.profile }),
    })();
    return { accessKeyId, secretAccessKey, ...(sessionToken !== undefined && { sessionToken }) };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new CliError(`AWS gives no credentials: ${sentence(reason)} ${renewal(values.profile)}`, exitCodes.failed, {
      cause: error,
    });
  }
}

/** The command that gets new credentials. */
export const renewal = (profile: string | undefined): string =>
  `Sign in again, for example with "aws sso login${profile === undefined ? '' : ` --profile ${profile}`}" or "aws login".`;

const sentence = (text: string): string => (/[.!?]$/.test(text.trim()) ? text.trim() : `${text.trim()}.`);
