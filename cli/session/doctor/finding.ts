/** The result of one check. */
import { sentenceOf } from '../../terminal/errors.ts';

export type Status = 'ok' | 'warning' | 'fault';

export interface Finding {
  /** `clock`, `credentials`. */
  readonly check: string;
  /** A fault keeps the bastion out of reach. A warning may. */
  readonly status: Status;
  /** One or two sentences: what there is, and what to do unless that is fine. */
  readonly found: string;
}

export const ok = (check: string, found: string): Finding => ({ check, status: 'ok', found });
export const warning = (check: string, found: string): Finding => ({ check, status: 'warning', found });
export const fault = (check: string, found: string): Finding => ({ check, status: 'fault', found });

/** The fault that an error is. Errors say what to do. */
export const faultOf = (check: string, error: unknown): Finding => fault(check, sentenceOf(error));
