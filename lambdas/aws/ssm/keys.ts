import { GetParameterCommand, type SSMClient } from '@aws-sdk/client-ssm';
import { keyParameterPrefix } from '../../../contracts/account.ts';
import type { KeyStore } from '../../core/session/ports.ts';
import { isNamed, toDomainError } from '../errors.ts';

/** Public keys stored as SSM parameters, one per user. */
export class SsmKeys implements KeyStore {
  readonly #client: SSMClient;

  constructor(client: SSMClient) {
    this.#client = client;
  }

  async find(user: string): Promise<string | undefined> {
    try {
      const { Parameter } = await this.#client.send(new GetParameterCommand({ Name: `${keyParameterPrefix}${user}` }));
      return Parameter?.Value;
    } catch (error) {
      // A user name may have characters that a parameter name can not have (`@`). No key is stored for such a user.
      // https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-su-create.html
      if (isNamed(error, 'ParameterNotFound', 'ValidationException')) return undefined;
      throw toDomainError(error, 'read the stored public key');
    }
  }
}
