/**
 * Everything that can go wrong in the domain's own terms. `lambdas/http/replies.ts` gives each its status; the messages are
 * written for the person who called.
 */
export class BastionError extends Error {
  override readonly name: string = 'BastionError';
}

/** The caller asked for something that can't be understood or is not allowed by the settings. */
export class InvalidRequest extends BastionError {
  override readonly name = 'InvalidRequest';
}

/** The caller may not act for that user. */
export class Forbidden extends BastionError {
  override readonly name = 'Forbidden';
}

/** No credentials, or wrong ones. Says no more than that. */
export class Unauthenticated extends BastionError {
  override readonly name = 'Unauthenticated';
}

/** Asked for an agent that this deployment does not build. */
export class NotBuilt extends BastionError {
  override readonly name = 'NotBuilt';
}

/** Nothing is live, or an id was never given out. */
export class NotFound extends BastionError {
  override readonly name = 'NotFound';
}

/** Asked for something that contradicts the live bastion. */
export class Conflict extends BastionError {
  override readonly name = 'Conflict';
}

/** As many sessions live as the settings allow. */
export class TooManySessions extends BastionError {
  override readonly name = 'TooManySessions';
}

export interface AwsCircumstances extends ErrorOptions {
  /** True when a try of ours may have had its effect although we were told of a failure. */
  readonly mayHaveHappened: boolean;
}

class AwsFailure extends BastionError {
  readonly mayHaveHappened: boolean;

  constructor(message: string, { mayHaveHappened, ...options }: AwsCircumstances = { mayHaveHappened: false }) {
    super(message, options);
    this.mayHaveHappened = mayHaveHappened;
  }
}

/** AWS has no capacity, throttles beyond our retries, or a quota is reached. The message carries AWS's own sentence. */
export class AwsUnavailable extends AwsFailure {
  override readonly name = 'AwsUnavailable';
}

/** AWS has understood and refused: a permission or a setting is wrong, and asking again does not help. */
export class AwsRefused extends AwsFailure {
  override readonly name = 'AwsRefused';
}

/** True when nothing more can come of it: AWS said no and was asked but once, or we have not asked it at all. */
export const isDefinite = (error: unknown): boolean =>
  error instanceof BastionError && !(error instanceof AwsFailure && error.mayHaveHappened);

/** The task ended before its agent was ready. */
export class StartFailed extends BastionError {
  override readonly name = 'StartFailed';
}

/** A webhook's target could not be started, whatever the reason: the service that asked knows one kind of failure. */
export class TargetFailed extends BastionError {
  override readonly name = 'TargetFailed';
}

/** A move that the session's state does not allow. Somebody else was faster: read the row again. */
export class IllegalMove extends BastionError {
  override readonly name = 'IllegalMove';
  constructor(move: string, { sessionId, state }: { readonly sessionId: string; readonly state: string }) {
    super(`Session ${sessionId} is ${state}, which does not allow the move "${move}".`);
  }
}

/** A row kept changing under our hands, or vanished. */
export class StaleSession extends BastionError {
  override readonly name = 'StaleSession';
}
