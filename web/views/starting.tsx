/** A bastion that starts: how long it has taken, how long it takes, and which step it is at. */
import type { SessionView } from '../../contracts/api.ts';
import { counted } from '../words/durations.ts';
import { useServerNow } from './parts.tsx';

/** Fargate takes 20 to 30 s. */
const usualSeconds = 25;
/** After this time something is slow, and the page says so. */
const slowSeconds = 90;

export function Starting({ session, startSeenAt }: { session: SessionView; startSeenAt: number }) {
  const seconds = Math.max(0, Math.round((useServerNow(0) - startSeenAt) / 1000));
  const hasAddress = session.host !== undefined;
  const steps = [
    { title: 'Asked AWS for a task of your own', isDone: true },
    { title: hasAddress ? `Got the address ${session.host}` : 'Attaching its network interface', isDone: hasAddress },
    { title: 'Fetching the image and starting sshd', isDone: false },
  ];
  const current = steps.findIndex(({ isDone }) => !isDone);
  return (
    <div class="starting">
      <p class="clock" role="timer" aria-live="off">
        {seconds}
        <small> s</small>
      </p>
      <progress aria-label="Start of your bastion" max={usualSeconds} value={Math.min(seconds, usualSeconds * 0.95)} />
      <ol class="steps">
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
      <p class="soft">
        {seconds < slowSeconds
          ? `It usually takes ${counted(usualSeconds, 'second')}. You may close this page, and the bastion starts on.`
          : 'It takes longer than usual. The page goes on looking, and says why if the start fails.'}
      </p>
    </div>
  );
}
