/** Waits for a bastion that is starting. docs/decisions/0018 gives the reasons. */
import { AwsUnavailable } from '../session/errors.ts';
import { type Instant, isLive, isUp, type Session } from '../session/session.ts';
import { lookAtHandoff, lookAtTask, type ObservePorts } from './observe.ts';

/** Pause between two reads of the row and the handoff item, once the address is known. Before that sshd can't be up. */
export const handoffPollMs = 200;
/** Pause between two looks at anything until then. Looks at the task cost the whole account's rate of DescribeTasks, and end once the address is known. */
export const taskPollMs = 1000;
/** The longest pause after looks that AWS has refused. */
const mostPauseMs = 8000;

export interface Patience {
  /** Until when the caller wants to wait. */
  readonly waitUntil: Instant;
  /** When the answer must be on its way, whatever AWS does. */
  readonly answerBy: Instant;
}

/**
 * Looks at least once at row and task, and then until sshd accepts connections, the session ends, or the caller's time is over.
 * The row comes first: a bastion that came up before may have ended since, with its event lost, and the task of one that is known
 * to have been up need not reach STOPPED to count as ended.
 * Returns in time also when AWS does not answer: a look only reads, or notes in the row what is true anyway, so one that hangs
 * may be left alone. AWS's throttling says nothing about the bastion, so it only makes the next look later.
 * Throws `AwsUnavailable` when the task of a bastion that was up has ended and AWS does not take that into the row.
 */
export async function awaitReady(
  ports: ObservePorts,
  session: Session,
  { waitUntil, answerBy }: Patience,
): Promise<Session> {
  const { clock } = ports;
  const wait = new Wait(session);
  const look = async (at: (current: Session) => Promise<Session>) => wait.note(at(wait.current));
  const lookAtRowNow = () => look((current) => lookAtRow(ports, current));
  const lookAtTaskNow = () => look((current) => lookAtTask(ports, current, () => wait.noteEnd()));
  const isAddressKnown = () => wait.current.host !== undefined;
  const pauseMs = () => (isAddressKnown() ? handoffPollMs : taskPollMs);
  const poll = async (isNeeded: () => boolean, lookNow: () => Promise<boolean>) => {
    for (let refusals = 0; isNeeded() && clock.now() + pauseMs() <= waitUntil; ) {
      await Promise.race([clock.sleep(pauseAfter(refusals, pauseMs(), session.sessionId)), wait.over]);
      if (isNeeded()) refusals = (await lookNow()) ? 0 : refusals + 1;
    }
  };
  const lookUntilReady = async () => {
    await lookAtRowNow();
    await Promise.all([
      poll(() => !wait.isOver, lookAtRowNow),
      lookAtTaskNow().then(() => poll(() => !wait.isOver && !isAddressKnown(), lookAtTaskNow)),
    ]);
  };
  const now = clock.now();
  // The one look at a bastion that is up may take its time. Else a write that AWS is slow to confirm would leave the word of a row
  // that says "running" although the look has just found the task ended.
  const until = waitUntil > now && !isUp(session) ? waitUntil : answerBy;
  const late = clock.sleep(Math.max(0, until - now));
  try {
    await Promise.race([lookUntilReady(), late]);
  } finally {
    wait.end();
  }
  // One that was never up may still say that it starts: the next look tells its end.
  if (wait.isEndKnown && isUp(wait.current)) {
    throw new AwsUnavailable('The bastion has ended, and AWS could not note that right now. Try again.');
  }
  return wait.current;
}

/** A row that is still `starting` has no task. Its starter writes it. */
async function lookAtRow(ports: ObservePorts, session: Session): Promise<Session> {
  if (session.state === 'starting') return (await ports.sessions.find(session.sessionId)) ?? session;
  return lookAtHandoff(ports, session);
}

/** The knowledge that the polls of one wait share. */
class Wait {
  current: Session;
  #isOver = false;
  #isEndKnown = false;
  readonly #end = Promise.withResolvers<void>();

  constructor(session: Session) {
    this.current = session;
  }

  /** Resolves at the end of the wait. */
  get over(): Promise<void> {
    return this.#end.promise;
  }

  get isOver(): boolean {
    return this.#isOver || !isLive(this.current) || isUp(this.current);
  }

  /** True once the task is known to have ended, also when no row says so. */
  get isEndKnown(): boolean {
    return this.#isEndKnown;
  }

  noteEnd(): void {
    this.#isEndKnown = true;
  }

  /** Takes in the result of a look. Returns false when AWS could not answer it. */
  async note(look: Promise<Session>): Promise<boolean> {
    try {
      const seen = await look;
      if (seen.version >= this.current.version) this.current = seen;
    } catch (error) {
      if (!(error instanceof AwsUnavailable)) throw error;
      return false;
    }
    if (this.isOver) this.end();
    return true;
  }

  end(): void {
    this.#isOver = true;
    this.#end.resolve();
  }
}

/** Doubles with each refusal in a row, and differs from session to session, so that many starts do not ask at the same time. */
function pauseAfter(refusals: number, pauseMs: number, sessionId: string): number {
  if (refusals === 0) return pauseMs;
  let hash = refusals;
  for (const char of sessionId) hash = (hash * 31 + char.charCodeAt(0)) % 1000;
  return Math.round(Math.min(pauseMs * 2 ** refusals, mostPauseMs) * (0.5 + hash / 2000));
}
