/** Lists of sessions: a person's own, and for admins everybody's with the pool and the limits. */
import type { SessionView } from '../../contracts/api.ts';
import type { Limits } from '../../contracts/sign-in.ts';
import { type History, type HistoryState, isEnding } from '../state/history.ts';
import { useStore } from '../state/store.ts';
import { counted, dollars, shortTime } from '../words/durations.ts';
import { endWords, stateWords } from '../words/sentences.ts';
import { ActionButton, Moment, Problem } from './parts.tsx';
import { StopButton } from './stop-button.tsx';

export function OwnSessions({ history }: { history: History }) {
  const state = useStore(history);
  return (
    <section class="list" aria-labelledby="own">
      <h2 id="own">Your bastions so far</h2>
      <Problem sentence={state.problem} />
      {state.sessions?.length === 0 ? (
        <p class="empty">You have had none in the last 30 days. The first one will stand here.</p>
      ) : (
        <SessionTable label="Your bastions so far" sessions={state.sessions} now={history.now()} />
      )}
      <More state={state} onMore={history.loadMore} />
    </section>
  );
}

export interface EverybodyProps {
  readonly history: History;
  /** The list above. Once it has its length, this one has its place. */
  readonly own: History;
  readonly limits: Limits;
  readonly onStop: (user: string) => void;
}

export function Everybody({ history, own, limits, onStop }: EverybodyProps) {
  const state = useStore(history);
  const { sessions, problem } = useStore(own);
  if (sessions === undefined && problem === undefined) return null;
  return (
    <section class="list" aria-labelledby="everybody">
      <h2 id="everybody">Everybody</h2>
      <Problem sentence={state.problem} />
      <PoolAndLimits state={state} limits={limits} />
      <label class="check">
        <input
          type="checkbox"
          checked={state.filter !== undefined}
          onChange={({ currentTarget }) => void history.filterBy(currentTarget.checked ? 'running' : undefined)}
        />
        Only those that run
      </label>
      {state.sessions?.length === 0 ? (
        <p class="empty">
          {state.filter === undefined ? 'There was no bastion in the last 30 days.' : 'No bastion runs now.'}
        </p>
      ) : (
        <SessionTable label="Everybody’s sessions" sessions={state.sessions} now={history.now()} onStop={onStop} />
      )}
      <More state={state} onMore={history.loadMore} />
    </section>
  );
}

function PoolAndLimits({ state: { pool, sessions = [] }, limits }: { state: HistoryState; limits: Limits }) {
  const live = sessions.filter(({ agent, state }) => agent === undefined && state !== 'stopped').length;
  return (
    <dl class="facts">
      <div>
        <dt>Live among those below</dt>
        <dd>
          {live} <small>of {limits.maxSessions} bastions at most</small>
        </dd>
      </div>
      <div>
        <dt>Longest lifetime</dt>
        <dd>
          {shortTime(limits.maxTtlSeconds)}{' '}
          <small>at once, {shortTime(limits.maxLifetimeSeconds)} with extensions</small>
        </dd>
      </div>
      <div>
        <dt>Pool</dt>
        <dd>
          {pool === undefined ? (
            <>
              none <small>a start takes about 25 seconds</small>
            </>
          ) : (
            <>
              {pool.ready} of {pool.size} ready{' '}
              <small>
                {pool.starting > 0 && `${pool.starting} starting, `}
                {pool.hours}
                {pool.cost && `, ${dollars(pool.cost.perMonth)} a month`}
              </small>
            </>
          )}
        </dd>
      </div>
    </dl>
  );
}

interface SessionTableProps {
  readonly label: string;
  /** Undefined while the first page loads. */
  readonly sessions: readonly SessionView[] | undefined;
  /** The API's time. */
  readonly now: number;
  /** With it the table says whose each session is. */
  readonly onStop?: (user: string) => void;
}

function SessionTable({ label, sessions, now, onStop }: SessionTableProps) {
  const isEverybody = onStop !== undefined;
  return (
    <table aria-label={label} aria-busy={sessions === undefined}>
      <thead>
        <tr>
          {isEverybody && <th scope="col">Person</th>}
          <th scope="col">Started</th>
          <th scope="col">Lasted</th>
          <th scope="col">From</th>
          <th scope="col">State</th>
          <th scope="col" class="number">
            Cost
          </th>
          {isEverybody && (
            <th scope="col">
              <span class="unseen">Actions</span>
            </th>
          )}
        </tr>
      </thead>
      <tbody>
        {sessions === undefined ? (
          <tr class="waiting">
            <td colSpan={isEverybody ? 7 : 5}>Loading…</td>
          </tr>
        ) : (
          sessions.map((session) => <SessionRow key={session.sessionId} session={session} now={now} onStop={onStop} />)
        )}
      </tbody>
    </table>
  );
}

interface SessionRowProps extends Pick<SessionTableProps, 'now'> {
  readonly session: SessionView;
  readonly onStop: ((user: string) => void) | undefined;
}

function SessionRow({ session, now, onStop }: SessionRowProps) {
  const { user, state, reason, createdAt, endedAt, startedFrom, cost, agent } = session;
  const isLive = (state === 'running' || state === 'starting') && !isEnding(session, now);
  const words = isEnding(session, now) ? stateWords.stopping : stateWords[state];
  const seconds = endedAt === undefined ? undefined : (Date.parse(endedAt) - Date.parse(createdAt)) / 1000;
  return (
    <tr class={isLive ? 'live' : ''}>
      {onStop && <td data-label="Person">{user ?? (agent === undefined ? 'the pool' : `webhook (${agent})`)}</td>}
      <td data-label="Started">
        <Moment at={createdAt} withDay />
      </td>
      <td data-label="Lasted">{seconds === undefined ? '–' : shortTime(seconds)}</td>
      <td data-label="From">{startedFrom ?? '–'}</td>
      <td data-label="State">{reason === undefined ? words : endWords[reason]}</td>
      <td data-label="Cost" class="number">
        {cost === undefined ? '–' : dollars(cost.soFar)}
      </td>
      {onStop && (
        <td class="action">
          {isLive && user !== undefined && agent === undefined && (
            <StopButton user={user} isBusy={false} onStop={() => onStop(user)} />
          )}
        </td>
      )}
    </tr>
  );
}

function More({ state: { next, isLoading, sessions }, onMore }: { state: HistoryState; onMore: () => void }) {
  if (next === undefined) return null;
  return (
    <p class="more">
      <ActionButton isBusy={isLoading} onClick={onMore}>
        Show more
      </ActionButton>{' '}
      <small>{counted(sessions?.length ?? 0, 'session')} shown</small>
    </p>
  );
}
