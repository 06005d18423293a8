/** The form that starts a bastion. */
import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import type { Limits } from '../../contracts/sign-in.ts';
import type { StartQuery } from '../api/client.ts';
import type { MadeKey } from '../keys/make-key.ts';
import { type KeyChoice, readChoice, rememberChoice } from '../state/choice.ts';
import { lifetimes, ttlOf } from '../words/durations.ts';
import { ActionButton, LifetimeSelect } from './parts.tsx';

export interface StartFormProps {
  readonly limits: Limits;
  readonly callerAddress: string | undefined;
  /** Keeps what the person has chosen while the start waits for its answer. */
  readonly isHidden: boolean;
  /** @param isMade whether the key was made here */
  readonly onStart: (query: StartQuery, isMade: boolean) => void;
  /** Makes a key and offers its private half for download. Undefined when the browser cannot. */
  readonly onMakeKey: () => Promise<MadeKey | undefined>;
  readonly onComplaint: (sentence: string) => void;
}

interface Way {
  readonly choice: KeyChoice;
  readonly title: string;
  readonly hint: ComponentChildren;
}

const ways: readonly Way[] = [
  { choice: 'stored', title: 'Use my stored key', hint: 'Your operator keeps it for you.' },
  {
    choice: 'made',
    title: 'Make a new key here',
    hint: 'This browser makes it and downloads it. Its private half is sent nowhere.',
  },
  {
    choice: 'pasted',
    title: 'Paste a public key',
    hint: (
      <>
        One that you have. <code class="whole">ssh-keygen -t ed25519</code> makes one.
      </>
    ),
  },
];

export function StartForm({ limits, callerAddress, isHidden, onStart, onMakeKey, onComplaint }: StartFormProps) {
  const [{ choice, publicKey }, setChoice] = useState(readChoice);
  const [ttl, setTtl] = useState(limits.defaultTtlSeconds);
  const options = [...new Set([...lifetimes(limits.maxTtlSeconds), limits.defaultTtlSeconds])].sort((a, b) => a - b);

  // Without a lifetime the API takes its default, which may be no whole number of minutes.
  const lifetime = ttl === limits.defaultTtlSeconds ? {} : { ttl: ttlOf(ttl) };

  const submit = async () => {
    if (choice === 'pasted') {
      const problem = problemOf(publicKey);
      if (problem !== undefined) return onComplaint(problem);
      rememberChoice({ choice, publicKey: publicKey.trim() });
      return onStart({ publicKey: publicKey.trim(), ...lifetime }, false);
    }
    rememberChoice({ choice, publicKey });
    if (choice === 'stored') return onStart(lifetime, false);
    const key = await onMakeKey();
    if (key !== undefined) onStart({ publicKey: key.publicKey, ...lifetime }, true);
  };

  return (
    <form
      hidden={isHidden}
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      <fieldset class="choices">
        <legend>Your ssh key</legend>
        {ways.map((one) => (
          <label key={one.choice} class="choice">
            <input
              type="radio"
              name="key"
              value={one.choice}
              checked={choice === one.choice}
              onChange={() => setChoice({ choice: one.choice, publicKey })}
            />
            <span>
              <strong>{one.title}</strong>
              <small>{one.hint}</small>
            </span>
          </label>
        ))}
      </fieldset>
      <div class="field pasted" hidden={choice !== 'pasted'}>
        <label for="public-key">Public key</label>
        <textarea
          id="public-key"
          rows={3}
          spellcheck={false}
          autocomplete="off"
          placeholder="ssh-ed25519 AAAA… you@laptop"
          aria-describedby="public-key-hint"
          value={publicKey}
          onInput={({ currentTarget }) => setChoice({ choice, publicKey: currentTarget.value })}
        />
        <small id="public-key-hint">
          The line in <code>~/.ssh/id_ed25519.pub</code>. This browser remembers it.
        </small>
      </div>
      <div class="row end">
        <div class="field">
          <label for="lifetime">Ends by itself after</label>
          <LifetimeSelect id="lifetime" options={options} value={ttl} onChange={setTtl} />
        </div>
        <ActionButton kind="main" type="submit" isBusy={false}>
          Start bastion
        </ActionButton>
      </div>
      <p class="soft">
        It will let in <strong>{callerAddress ?? 'this browser’s address'}</strong> and nobody else. If ssh leaves your
        machine by another way than this browser, such as a split VPN, start it with the command there instead.
      </p>
    </form>
  );
}

/** A private key must not leave this browser, so the page looks before it sends. */
function problemOf(key: string): string | undefined {
  if (/PRIVATE KEY|PuTTY-User-Key-File/.test(key)) {
    return 'This is a private key. It was not sent. Paste the line of the file that ends in .pub.';
  }
  return key.trim() === '' ? 'Paste your public key first, or choose another way.' : undefined;
}
