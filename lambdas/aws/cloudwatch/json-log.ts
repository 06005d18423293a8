import { Logger } from '@aws-lambda-powertools/logger';
import type { Log, LogFields } from '../../core/session/ports.ts';

/** Writes one JSON line per decision. An error carries its name and message, never a request or its headers. */
export class JsonLog implements Log {
  readonly #logger: Logger;

  constructor(serviceName: string) {
    this.#logger = new Logger({ serviceName });
  }

  info(decision: string, fields: LogFields): void {
    this.#logger.info(decision, { ...fields });
  }

  error(decision: string, { error, ...fields }: LogFields & { readonly error: unknown }): void {
    this.#logger.error(decision, { ...fields, error: error instanceof Error ? error : new Error(String(error)) });
  }
}
