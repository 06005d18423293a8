/** The card of a person's bastion, in whichever state it is. */
import { useEffect, useRef, useState } from 'preact/hooks';
import type { SessionView } from '../../contracts/api.ts';
import type { Limits } from '../../contracts/sign-in.ts';
import { readKeyFile, rememberKeyFile } from '../keys/key-file.ts';
import { type MadeKey, makeKey } from '../keys/make-key.ts';
import type { Bastion, BastionState } from '../state/bastion.ts';
import { useStore } from '../state/store.ts';
import { dollars, dueWarning, spokenTime } from '../words/durations.ts';
import { endSentences } from '../words/sentences.ts';
import { Connect, Facts } from './connect.tsx';
import { Moment, Problem, useServerNow } from './parts.tsx';
import { Running } from './running.tsx';
import { StartForm } from './start-form.tsx';
import { Starting } from './starting.tsx';
import { useKeptFocus, useKeptHeight } from './stillness.ts';
import { StopButton } from './stop-button.tsx';

export interface MyBastionProps {
  readonly bastion: Bastion;
  readonly limits: Limits;
  /** Leads to the identity provider. Undefined where nobody signs in. */
  readonly onSignIn: (() => void) | undefined;
}

export type Phase = 'loading' | 'none' | 'starting' | 'running';

export function MyBastion({ bastion, limits, onSignIn }: MyBastionProps) {
  const state = useStore(bastion);
  const phase = phaseOf(state);
  const now = useServerNow(state.clockAheadMs);
  const heading = useKeptFocus(phase);
  const card = useKeptHeight(phase === 'starting' || phase === 'running');
  const [madeKeyFile, setMadeKeyFile] = useState<string>();
  const keyFileName = state.session === undefined ? madeKeyFile : readKeyFile(state.session.keyFingerprint);

  const makeAndSave = async (): Promise<MadeKey | undefined> => {
    try {
      const key = await makeKey(new Date());
      save(key.fileName, key.privateKeyFile);
      rememberKeyFile(key);
      setMadeKeyFile(key.fileName);
      return key;
    } catch (error) {
      bastion.complain(error);
      return undefined;
    }
  };

  return (
    <section ref={card} class="card" aria-labelledby="mine" data-phase={phase}>
      <header class="row">
        <h2 id="mine" ref={heading} tabIndex={-1}>
          {titles[phase]}
        </h2>
        {state.session !== undefined && (
          <StopButton
            key={state.session.sessionId}
            isBusy={state.acting === 'stop'}
            onStop={() => void bastion.stop()}
          />
        )}
      </header>
      <Announcements state={state} phase={phase} now={now} />
      <Problem sentence={state.problem} isAnswer={state.isAnswer}>
        {state.isSignedOut && onSignIn && (
          <button type="button" class="main" onClick={onSignIn}>
            Sign in again
          </button>
        )}
      </Problem>
      {phase === 'loading' && <div class="skeleton" aria-hidden="true" />}
      {phase === 'none' && <Ended state={state} now={now} />}
      {(phase === 'none' || state.acting === 'start') && (
        <StartForm
          limits={limits}
          callerAddress={state.callerAddress}
          isHidden={phase !== 'none'}
          onStart={(query, isMade) => {
            if (!isMade) setMadeKeyFile(undefined);
            void bastion.start(query);
          }}
          onMakeKey={makeAndSave}
          onComplaint={(sentence) => bastion.complain(new Error(sentence))}
        />
      )}
      {phase === 'starting' && <Starting session={state.session} startSeenAt={state.startSeenAt ?? Date.now()} />}
      {phase === 'running' && state.session && (
        <Running
          session={state.session}
          limits={limits}
          now={now}
          acting={state.acting}
          callerAddress={state.callerAddress}
          onExtend={(ttl) => void bastion.extend(ttl)}
          onMove={() => void bastion.move()}
        />
      )}
      {(phase === 'starting' || phase === 'running') && (
        <>
          <Connect session={state.session} keyFileName={keyFileName} />
          <Facts session={state.session} callerAddress={state.callerAddress} />
        </>
      )}
    </section>
  );
}

const titles: Readonly<Record<Phase, string>> = {
  loading: 'Looking for your bastion…',
  none: 'Start a bastion',
  starting: 'Your bastion is starting',
  running: 'Your bastion is running',
};

function phaseOf({ isLive, session, acting, problem }: BastionState): Phase {
  if (session === undefined && acting === 'start') return 'starting';
  if (session !== undefined) return session.state === 'running' ? 'running' : 'starting';
  return isLive === undefined && problem === undefined ? 'loading' : 'none';
}

/** What a screen reader says when something has changed without the person: each change once, and the last minutes. */
function Announcements({ state, phase, now }: { state: BastionState; phase: Phase; now: number }) {
  const { session, ended } = state;
  const [warning, setWarning] = useState('');
  const secondsLeft = session && phase === 'running' ? (Date.parse(session.expiresAt) - now) / 1000 : undefined;
  const earlier = useRef(secondsLeft);
  useEffect(() => {
    if (secondsLeft !== undefined && earlier.current !== undefined) {
      const minutes = dueWarning(earlier.current, secondsLeft);
      if (minutes !== undefined) setWarning(`${spokenTime(minutes * 60)} left. Extend your bastion to keep it.`);
      else if (secondsLeft > earlier.current + 1) setWarning(`Extended. ${spokenTime(secondsLeft)} left.`);
    }
    earlier.current = secondsLeft;
    document.title = secondsLeft === undefined ? 'Bastion' : `${spokenTime(secondsLeft)} left · Bastion`;
  });
  const sentences: Readonly<Record<Phase, string>> = {
    loading: '',
    none: ended === undefined ? '' : endedSentence(ended, now),
    starting: 'Your bastion is starting.',
    running: `Your bastion is running at ${session?.host}. ${warning}`,
  };
  return (
    <p role="status" class="unseen">
      {sentences[phase]}
    </p>
  );
}

/** @param now the server's time */
function Ended({ state: { ended }, now }: { state: BastionState; now: number }) {
  if (ended === undefined) return null;
  const { endedAt, cost } = ended;
  return (
    <div class="note">
      <p>
        {endedSentence(ended, now)}
        {endedAt !== undefined && (
          <>
            {' '}
            It ended at <Moment at={endedAt} />.
          </>
        )}
        {cost !== undefined && ` It cost ${dollars(cost.soFar)}.`}
      </p>
    </div>
  );
}

function endedSentence({ reason, expiresAt }: SessionView, now: number): string {
  if (reason !== undefined) return endSentences[reason];
  // The removal of a bastion whose time is over takes up to a minute, and its reason stands in the history after that.
  if (Date.parse(expiresAt) <= now) return endSentences.expired;
  return 'Your bastion is being removed, with all its connections.';
}

/** Offers a text as a download, which never leaves this machine. */
function save(fileName: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: 'application/octet-stream' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = fileName;
  link.click();
  // A browser reads the blob after the click.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
