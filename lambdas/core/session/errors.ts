/**
 * The errors of the domain. `lambdas/http/replies.ts` gives each its HTTP status. Their messages are for the person who called.
 */
export class BastionError extends Error {
  override readonly name: string = 'BastionError';
}

/** The request can't be understood, or the settings do not allow it. */
export class InvalidRequest extends BastionError {
  override readonly name = 'InvalidRequest';
}

/** The caller may not act for that user. */
export class Forbidden extends BastionError {
  override readonly name = 'Forbidden';
}

/** Credentials are missing or wrong. The message does not say which. */
export class Unauthenticated extends BastionError {
  override readonly name = 'Unauthenticated';
}

/** The request needs an agent that this deployment does not build. */
export class NotBuilt extends BastionError {
  override readonly name = 'NotBuilt';
}

/** No session is live, or no session ever had this id. */
export class NotFound extends BastionError {
  override readonly name = 'NotFound';
}

/** The request contradicts the live bastion. */
export class Conflict extends BastionError {
  override readonly name = 'Conflict';
}

/** As many sessions are live as the settings allow. */
export class TooManySessions extends BastionError {
  override readonly name = 'TooManySessions';
}

export interface AwsCircumstances extends ErrorOptions {
  /** True when a call may have had its effect although it failed. */
  readonly mayHaveHappened: boolean;
}

class AwsFailure extends BastionError {
  readonly mayHaveHappened: boolean;

  constructor(message: string, { mayHaveHappened, ...options }: AwsCircumstances = { mayHaveHappened: false }) {
    super(message, options);
    this.mayHaveHappened = mayHaveHappened;
  }
}

/** AWS has no capacity, throttles beyond our retries, or a quota is reached. The message holds AWS's own sentence. */
export class AwsUnavailable extends AwsFailure {
  override readonly name = 'AwsUnavailable';
}

/** AWS has understood and refused: a permission or a setting is wrong, and another try does not help. */
export class AwsRefused extends AwsFailure {
  override readonly name = 'AwsRefused';
}

/** True when the failure has no later effect: AWS refused a single try, or AWS was not called. */
export const isDefinite = (error: unknown): boolean =>
  error instanceof BastionError && !(error instanceof AwsFailure && error.mayHaveHappened);

/** The identity provider does not tell how people sign in. */
export class IssuerUnusable extends BastionError {
  override readonly name = 'IssuerUnusable';
}

/** The task ended before its agent was ready. */
export class StartFailed extends BastionError {
  override readonly name = 'StartFailed';
}

/** A webhook's target could not be started. The service that asked knows only this one kind of failure. */
export class TargetFailed extends BastionError {
  override readonly name = 'TargetFailed';
}

/** The session's state does not allow the move, because another request was faster. Read the row again. */
export class IllegalMove extends BastionError {
  override readonly name = 'IllegalMove';
  constructor(move: string, { sessionId, state }: { readonly sessionId: string; readonly state: string }) {
    super(`Session ${sessionId} is ${state}, which does not allow the move "${move}".`);
  }
}

/** Others kept changing the row, or deleted it. */
export class StaleSession extends BastionError {
  override readonly name = 'StaleSession';
}
