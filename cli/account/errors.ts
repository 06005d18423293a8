/** Errors of AWS's services in words. */
import * as v from 'valibot';
import { isSkew, skewAdvice } from '../api/clock.ts';
import { renewal } from '../api/credentials.ts';
import type { Reply } from '../api/http.ts';
import { CliError, type ExitCode, exitCodes } from '../terminal/errors.ts';
import { parseXml } from './xml.ts';

/** A refusal of AWS. */
export class AccountError extends CliError {
  /** AWS's own code: `DBInstanceNotFound`. */
  readonly code: string;

  constructor(code: string, message: string, exitCode: ExitCode) {
    super(message, exitCode);
    this.name = 'AccountError';
    this.code = code;
  }
}

interface Refusal {
  readonly code: string;
  readonly message: string;
}

const queryError = v.object({
  ErrorResponse: v.object({ Error: v.object({ Code: v.string(), Message: v.string() }) }),
});

/** The refusal in an answer of the AWS query protocol. */
export function queryRefusal({ status, text }: Reply): Refusal {
  const parsed = v.safeParse(queryError, parseXml(text));
  if (!parsed.success) return wordless(status);
  const { Code: code, Message: message } = parsed.output.ErrorResponse.Error;
  return { code, message };
}

const restError = v.pipe(
  v.string(),
  v.parseJson(),
  v.union([v.object({ message: v.string() }), v.object({ Message: v.string() })]),
);

/** The refusal in an answer of Lambda. https://smithy.io/2.0/aws/protocols/aws-restjson1-protocol.html */
export function restRefusal({ status, headers, text }: Reply): Refusal {
  const parsed = v.safeParse(restError, text);
  const named = headers['x-amzn-errortype'];
  const [code = ''] = typeof named === 'string' ? named.split(':') : [];
  if (!parsed.success) return wordless(status, code);
  return { code, message: 'message' in parsed.output ? parsed.output.message : parsed.output.Message };
}

const wordless = (status: number, code = ''): Refusal => ({ code, message: `AWS answered ${status} without a reason` });

/** Makes the error that says what to do. @param permission is the one that the call takes */
export function accountError(
  { code, message }: Refusal,
  reply: Reply,
  { permission, profile }: { readonly permission: string; readonly profile: string | undefined },
): AccountError {
  const { advice, exitCode } = treatmentOf(code, message, reply, permission, profile);
  const said = /[.!?]$/.test(message) ? message : `${message}.`;
  return new AccountError(code, advice === undefined ? said : `${said} ${advice}`, exitCode);
}

function treatmentOf(
  code: string,
  message: string,
  reply: Reply,
  permission: string,
  profile: string | undefined,
): { readonly advice: string | undefined; readonly exitCode: ExitCode } {
  if (isSkew(message)) return { advice: skewAdvice(reply.headers.date), exitCode: exitCodes.failed };
  switch (code) {
    case 'ExpiredToken':
    case 'ExpiredTokenException':
    case 'InvalidClientTokenId':
    case 'UnrecognizedClientException':
      return { advice: renewal(profile), exitCode: exitCodes.failed };
    case 'AccessDenied':
    case 'AccessDeniedException':
      return { advice: `Your identity needs ${permission}.`, exitCode: exitCodes.refused };
    case 'Throttling':
    case 'ThrottlingException':
    case 'TooManyRequestsException':
      return { advice: 'Try again in a few seconds.', exitCode: exitCodes.tryAgain };
    default:
      return { advice: undefined, exitCode: reply.status === 503 ? exitCodes.tryAgain : exitCodes.failed };
  }
}
