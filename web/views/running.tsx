/** A bastion that runs: the time that is left, and what one can do with it. */
import { useState } from 'preact/hooks';
import type { SessionView } from '../../contracts/api.ts';
import type { Limits } from '../../contracts/sign-in.ts';
import type { Action } from '../state/bastion.ts';
import { addressOf } from '../words/addresses.ts';
import { countdown, lifetimes, ttlOf } from '../words/durations.ts';
import { ActionButton, LifetimeSelect, Moment } from './parts.tsx';

export interface RunningProps {
  readonly session: SessionView;
  readonly limits: Limits;
  /** The server's time. */
  readonly now: number;
  readonly acting: Action | undefined;
  readonly callerAddress: string | undefined;
  readonly onExtend: (ttl: string) => void;
  readonly onMove: () => void;
}

export function Running(props: RunningProps) {
  const { session, limits, now, acting, callerAddress, onExtend, onMove } = props;
  const secondsLeft = (Date.parse(session.expiresAt) - now) / 1000;
  const lifetimeSeconds = (Date.parse(session.expiresAt) - Date.parse(session.createdAt)) / 1000;
  const latestEnd = new Date(Date.parse(session.createdAt) + limits.maxLifetimeSeconds * 1000).toISOString();
  return (
    <>
      <div class="stage">
        <div>
          <p class={secondsLeft < 300 ? 'clock soon' : 'clock'} role="timer" aria-live="off">
            {countdown(secondsLeft)}
          </p>
          <p class="soft">
            left, until <Moment at={session.expiresAt} />
          </p>
        </div>
        <Extend limits={limits} isBusy={acting === 'extend'} onExtend={onExtend} latestEnd={latestEnd} />
        <progress aria-label="Time that is left" max={lifetimeSeconds} value={Math.max(0, secondsLeft)} />
      </div>
      <Elsewhere session={session} callerAddress={callerAddress} isBusy={acting === 'move'} onMove={onMove} />
    </>
  );
}

interface ExtendProps {
  readonly limits: Limits;
  readonly isBusy: boolean;
  readonly latestEnd: string;
  readonly onExtend: (ttl: string) => void;
}

function Extend({ limits, isBusy, latestEnd, onExtend }: ExtendProps) {
  const options = lifetimes(limits.maxTtlSeconds);
  const [ttl, setTtl] = useState(
    options.find((seconds) => seconds >= limits.defaultTtlSeconds) ?? limits.maxTtlSeconds,
  );
  return (
    <form
      class="extend"
      onSubmit={(event) => {
        event.preventDefault();
        onExtend(ttlOf(ttl));
      }}
    >
      <div class="field">
        <label for="extension">Keep it from now on for</label>
        <div class="row tight">
          <LifetimeSelect id="extension" options={options} value={ttl} onChange={setTtl} />
          <ActionButton type="submit" isBusy={isBusy}>
            Extend
          </ActionButton>
        </div>
        <small>
          At the latest <Moment at={latestEnd} withDay />
        </small>
      </div>
    </form>
  );
}

interface ElsewhereProps {
  readonly session: SessionView;
  readonly callerAddress: string | undefined;
  readonly isBusy: boolean;
  readonly onMove: () => void;
}

/** The bastion lets in another address than this browser's. */
function Elsewhere({ session, callerAddress, isBusy, onMove }: ElsewhereProps) {
  const addresses = session.allowedCidrs.map(addressOf);
  if (callerAddress === undefined || addresses.includes(callerAddress)) return null;
  return (
    <div class="note elsewhere">
      <p>
        This browser comes from <strong>{callerAddress}</strong>, and your bastion lets in{' '}
        <strong>{addresses.join(', ') || 'nobody'}</strong>. Open connections stay when you move.
      </p>
      <ActionButton isBusy={isBusy} onClick={onMove}>
        Let in {callerAddress} instead
      </ActionButton>
    </div>
  );
}
