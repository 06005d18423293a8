/** Stops a bastion after a second press, because open connections are cut. */
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { ActionButton } from './parts.tsx';

export interface StopButtonProps {
  /** Whose bastion. Undefined for the person's own. */
  readonly user?: string;
  readonly isBusy: boolean;
  readonly onStop: () => void;
}

export function StopButton({ user, isBusy, onStop }: StopButtonProps) {
  const [isAsking, setIsAsking] = useState(false);
  const place = useRef<HTMLSpanElement>(null);
  const hasAsked = useRef(false);
  useLayoutEffect(() => {
    if (isAsking || hasAsked.current) place.current?.querySelector('button')?.focus();
    hasAsked.current = isAsking;
  }, [isAsking]);
  const whose = user === undefined ? 'your bastion' : `the bastion of ${user}`;
  return (
    <span ref={place} class="stop">
      {isAsking ? (
        <>
          {user === undefined && <small>Open connections end.</small>}
          <ActionButton
            kind="danger"
            isBusy={isBusy}
            label={`Stop now, which cuts open connections of ${whose}`}
            onClick={onStop}
          >
            Stop now
          </ActionButton>
          <ActionButton isBusy={false} onClick={() => setIsAsking(false)}>
            Keep
          </ActionButton>
        </>
      ) : (
        <ActionButton isBusy={isBusy} label={`Stop ${whose}`} onClick={() => setIsAsking(true)}>
          Stop
        </ActionButton>
      )}
    </span>
  );
}
