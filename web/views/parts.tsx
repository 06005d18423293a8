/** Small parts that several views share. */
import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { shortTime } from '../words/durations.ts';

const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' });
const dayAndClock = new Intl.DateTimeFormat(undefined, {
  day: 'numeric',
  month: 'short',
  hour: '2-digit',
  minute: '2-digit',
});
const exact = new Intl.DateTimeFormat(undefined, { dateStyle: 'full', timeStyle: 'long' });

/** A time in the person's own zone. The exact one shows on hover. */
export function Moment({ at, withDay = false }: { at: string; withDay?: boolean }) {
  const date = new Date(at);
  // A clock alone means today.
  const needsDay = withDay || date.toDateString() !== new Date().toDateString();
  return (
    <time dateTime={at} title={`${exact.format(date)} (${at})`}>
      {(needsDay ? dayAndClock : clock).format(date)}
    </time>
  );
}

/** The server's time, which moves once a second while the page is visible. */
export function useServerNow(clockAheadMs: number): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  return now + clockAheadMs;
}

interface CopyBoxProps {
  /** Says what the line does. */
  readonly label: string;
  readonly line: string;
  /** Whether the line scrolls instead of filling many lines. */
  readonly isLong?: boolean;
  /** False while a part of the line is not known, or it is too early for it. Default: true */
  readonly isReady?: boolean;
  readonly children?: ComponentChildren;
}

/** An item of a list: a line for a terminal, with a button that copies it. */
export function CopyBox({ label, line, isLong = false, isReady = true, children }: CopyBoxProps) {
  const code = useRef<HTMLElement>(null);
  const input = useRef<HTMLInputElement>(null);
  const [outcome, setOutcome] = useState('');
  const action = outcome === '' ? 'Copy' : outcome;
  useEffect(() => setOutcome(''), [line]);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(line);
      setOutcome('Copied');
    } catch {
      // Some browsers give no page the clipboard. The person copies what is selected.
      if (code.current) getSelection()?.selectAllChildren(code.current);
      input.current?.focus();
      setOutcome('Selected');
    }
  };
  return (
    <li class={isReady ? 'copy' : 'copy early'}>
      <div class="row copy-head">
        <p class="copy-label">{label}</p>
        <button
          type="button"
          class="quiet"
          aria-label={`${action}: ${label}`}
          aria-disabled={!isReady}
          onClick={isReady ? copy : undefined}
          onBlur={() => setOutcome('')}
        >
          {action}
        </button>
      </div>
      {isLong ? (
        <input
          ref={input}
          class="line"
          readOnly
          aria-label={label}
          value={line}
          onFocus={({ currentTarget }) => currentTarget.select()}
        />
      ) : (
        <code ref={code} class="line">
          {line}
        </code>
      )}
      <span role="status" class="unseen">
        {outcome}
      </span>
      {children}
    </li>
  );
}

/** A button that keeps its size while its action waits for an answer. */
export function ActionButton(props: {
  readonly isBusy: boolean;
  readonly isDisabled?: boolean;
  readonly kind?: 'main' | 'plain' | 'danger';
  readonly type?: 'submit' | 'button';
  readonly label?: string;
  readonly onClick?: () => void;
  readonly children: ComponentChildren;
}) {
  const { isBusy, isDisabled = false, kind = 'plain', type = 'button', label, onClick, children } = props;
  // Disabled in words alone: a button that is truly disabled loses the focus.
  const isOff = isBusy || isDisabled;
  return (
    <button
      type={type}
      class={kind}
      aria-busy={isBusy}
      aria-disabled={isOff}
      aria-label={label}
      onClick={(event) => {
        if (isOff) event.preventDefault();
        else onClick?.();
      }}
    >
      {children}
    </button>
  );
}

/** The name of the page, with its mark. */
export function Brand() {
  return (
    <h1 class="brand">
      <svg viewBox="0 0 32 32" width="24" height="24" aria-hidden="true">
        <rect width="32" height="32" rx="7" />
        <path d="M7 25V9h4v3h3V9h4v3h3V9h4v16h-6v-5a3 3 0 0 0-6 0v5z" />
      </svg>
      Bastion
    </h1>
  );
}

interface ProblemProps {
  readonly sentence: string | undefined;
  /** Whether it answers a press, so that it comes into view: on a phone the button is far below. */
  readonly isAnswer?: boolean;
  readonly children?: ComponentChildren;
}

/** A sentence about something that failed, which a screen reader says at once. */
export function Problem({ sentence, isAnswer = false, children }: ProblemProps) {
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (isAnswer && sentence !== undefined) place.current?.scrollIntoView({ block: 'nearest' });
  }, [sentence, isAnswer]);
  return (
    <div ref={place} role="alert" class="alert-place">
      {sentence === undefined ? null : (
        <div class="note problem">
          <p>{sentence}</p>
          {children}
        </div>
      )}
    </div>
  );
}

interface LifetimeSelectProps {
  readonly id: string;
  /** Seconds of each choice. */
  readonly options: readonly number[];
  readonly value: number;
  readonly onChange: (seconds: number) => void;
}

/** A choice among lifetimes. Its label names it by the id. */
export function LifetimeSelect({ id, options, value, onChange }: LifetimeSelectProps) {
  return (
    <select id={id} value={String(value)} onChange={({ currentTarget }) => onChange(Number(currentTarget.value))}>
      {options.map((seconds) => (
        <option key={seconds} value={String(seconds)}>
          {shortTime(seconds)}
        </option>
      ))}
    </select>
  );
}
