/** How to connect: the lines for a terminal, and the facts about a bastion. Both have their places while it starts already. */
import type { SessionView } from '../../contracts/api.ts';
import { addressOf } from '../words/addresses.ts';
import { dollars } from '../words/durations.ts';
import { keyLine, sshLine, trustLine } from '../words/ssh-lines.ts';
import { CopyBox, Moment } from './parts.tsx';

interface ConnectProps {
  /** Undefined until the API has answered the start. */
  readonly session: SessionView | undefined;
  /** File of a key that this page has made. */
  readonly keyFileName: string | undefined;
}

/** Stands for what is not known yet, in a line and among the facts. */
const unknown = '…';

export function Connect({ session, keyFileName }: ConnectProps) {
  const isReady = session?.state === 'running';
  return (
    <section aria-labelledby="connect">
      <h3 id="connect">Connect from your terminal</h3>
      {isWindows && <p class="soft">On Windows, paste the lines into Git Bash.</p>}
      <ol class="lines">
        {keyFileName !== undefined && (
          <CopyBox label="Let ssh read the downloaded key" line={keyLine(keyFileName)}>
            <p class="soft">If your browser saved it elsewhere than in Downloads, change both lines.</p>
          </CopyBox>
        )}
        <CopyBox
          label="Trust this bastion, and no other machine"
          line={session === undefined ? unknown : trustLine(session)}
          isReady={session !== undefined}
          isLong
        />
        <CopyBox
          label="Log in"
          line={sshLine({ login: 'bastion', host: unknown, ...session }, keyFileName)}
          isReady={isReady}
        />
      </ol>
    </section>
  );
}

const isWindows = /\bWindows\b/.test(navigator.userAgent);

interface FactsProps {
  /** Undefined until the API has answered the start. */
  readonly session: SessionView | undefined;
  readonly callerAddress: string | undefined;
}

export function Facts({ session, callerAddress = unknown }: FactsProps) {
  const { host = unknown, port, allowedCidrs, keyFingerprint, cost, createdAt } = session ?? {};
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
          {allowedCidrs?.map(addressOf).join(', ') ?? callerAddress}
          <small>as the API saw this browser. ssh must come from there too.</small>
        </dd>
      </div>
      <div>
        <dt>Accepts the key</dt>
        <dd class="fingerprint">{keyFingerprint ?? unknown}</dd>
      </div>
      <div>
        <dt>Started</dt>
        <dd>{createdAt === undefined ? unknown : <Moment at={createdAt} />}</dd>
      </div>
      {(session === undefined || cost !== undefined) && (
        <div>
          <dt>Cost so far</dt>
          <dd>
            {cost === undefined ? unknown : dollars(cost.soFar)}
            <small>{cost === undefined ? unknown : dollars(cost.perHour)} an hour, list price</small>
          </dd>
        </div>
      )}
    </dl>
  );
}
