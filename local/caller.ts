/** The caller of every request in the local run, where no request is signed: the person who runs it, as an IAM user. */
import { userInfo } from 'node:os';

/** @param login a login of this machine. Each character that IAM does not allow in a name becomes `_`. */
export const callerArn = (accountId: string, login: string = userInfo().username): string =>
  `arn:aws:iam::${accountId}:user/${login.replaceAll(/[^A-Za-z0-9._@-]/g, '_').slice(0, 64)}`;
