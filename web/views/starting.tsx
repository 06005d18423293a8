/** A bastion that starts: how long it has taken, how long it takes, and which step it is at. */
import type { SessionView } from '../../contracts/api.ts';
import { counted } from '../words/durations.ts';
import { useServerNow } from './parts.tsx';

/** Fargate takes 20 to 30 s. */
const usualSeconds = 25;
/** After this time something is slow, and the page says so. */
const slowSeconds = 90;

export interface StartingProps {
  /** Undefined until the API has answered. */
  readonly session: SessionView | undefined;
  /** By the browser's clock. */
  readonly startSeenAt: number;
}

export function Starting({ session, startSeenAt }: StartingProps) {
  const seconds = Math.max(0, Math.round((useServerNow(0) - startSeenAt) / 1000));
  const isAccepted = session !== undefined;
  const hasAddress = session?.host !== undefined;
  const steps = [
    {
      title: isAccepted ? 'Asked AWS for a task of your own' : 'Asking AWS for a task of your own',
      isDone: isAccepted,
    },
    { title: hasAddress ? `Got the address ${session.host}` : 'Attaching its network interface', isDone: hasAddress },
    { title: 'Fetching the image and starting sshd', isDone: false },
  ];
  const current = steps.findIndex(({ isDone }) => !isDone);
  return (
    <div class="stage">
      <div>
        <p class="clock" role="timer" aria-live="off">
          {seconds}
          <small> s</small>
        </p>
        <p class="soft">
          {seconds < slowSeconds
            ? `It usually takes ${counted(usualSeconds, 'second')}. You may close this page, and the bastion starts on.`
            : 'It takes longer than usual. The page goes on looking, and says why if the start fails.'}
        </p>
      </div>
      <ol class="steps" aria-label="Steps of the start">
        {steps.map(({ title, isDone }, at) => (
          <li
            key={title}
            class={isDone ? 'done' : at === current ? 'current' : ''}
            aria-current={at === current ? 'step' : undefined}
          >
            {title}
            {isDone && <span class="unseen"> (done)</span>}
          </li>
        ))}
      </ol>
      <progress aria-label="Start of your bastion" max={usualSeconds} value={Math.min(seconds, usualSeconds * 0.95)} />
    </div>
  );
}
