/** A bastion that runs: the time that is left, how to connect, and what one can do with it. */
import { useState } from 'preact/hooks';
import type { SessionView } from '../../contracts/api.ts';
import type { Limits } from '../../contracts/sign-in.ts';
import type { Action } from '../state/bastion.ts';
import { countdown, dollars, lifetimes, ttlOf } from '../words/durations.ts';
import { keyLine, sshLine, trustLine } from '../words/ssh-lines.ts';
import { ActionButton, CopyBox, LifetimeSelect, Moment } from './parts.tsx';

export interface RunningProps {
  readonly session: SessionView;
  readonly limits: Limits;
  /** The server's time. */
  readonly now: number;
  readonly acting: Action | undefined;
  readonly callerAddress: string | undefined;
  /** File of a key that this page has made. */
  readonly keyFileName: string | undefined;
  readonly onExtend: (ttl: string) => void;
  readonly onMove: () => void;
}

export function Running(props: RunningProps) {
  const { session, limits, now, acting, callerAddress, keyFileName, onExtend, onMove } = props;
  const secondsLeft = (Date.parse(session.expiresAt) - now) / 1000;
  const latestEnd = new Date(Date.parse(session.createdAt) + limits.maxLifetimeSeconds * 1000).toISOString();
  return (
    <>
      <div class="row head">
        <div>
          <p class={secondsLeft < 300 ? 'clock soon' : 'clock'} role="timer" aria-live="off">
            {countdown(secondsLeft)}
          </p>
          <p class="soft">
            left, until <Moment at={session.expiresAt} />
          </p>
        </div>
        <Extend limits={limits} isBusy={acting === 'extend'} onExtend={onExtend} latestEnd={latestEnd} />
      </div>
      <Elsewhere session={session} callerAddress={callerAddress} isBusy={acting === 'move'} onMove={onMove} />
      <section aria-labelledby="connect">
        <h3 id="connect">Connect from your terminal</h3>
        <ol class="lines">
          {keyFileName !== undefined && (
            <CopyBox label="Let ssh read the downloaded key" line={keyLine(keyFileName)}>
              <p class="soft">If your browser saved it elsewhere than in Downloads, change both lines.</p>
            </CopyBox>
          )}
          <CopyBox label="Trust this bastion, and no other machine" line={trustLine(session)} isLong />
          <CopyBox label="Log in" line={sshLine(session, keyFileName)} />
        </ol>
      </section>
      <Facts session={session} />
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

function Facts({ session }: { session: SessionView }) {
  const { host, port, allowedCidrs, keyFingerprint, cost, createdAt } = session;
  return (
    <dl class="facts">
      <div>
        <dt>Address</dt>
        <dd>
          {host}
          {port !== undefined && port !== 22 && `, port ${port}`}
        </dd>
      </div>
      <div>
        <dt>Lets in</dt>
        <dd>
          {allowedCidrs.map(addressOf).join(', ')}
          <small>as the API saw this browser. ssh must come from there too.</small>
        </dd>
      </div>
      {keyFingerprint !== undefined && (
        <div>
          <dt>Accepts the key</dt>
          <dd class="fingerprint">{keyFingerprint}</dd>
        </div>
      )}
      <div>
        <dt>Running since</dt>
        <dd>
          <Moment at={createdAt} withDay />
        </dd>
      </div>
      {cost !== undefined && (
        <div>
          <dt>Cost so far</dt>
          <dd>
            {dollars(cost.soFar)}
            <small>{dollars(cost.perHour)} an hour, list price</small>
          </dd>
        </div>
      )}
    </dl>
  );
}

const addressOf = (cidr: string): string => cidr.replace(/\/(32|128)$/, '');
