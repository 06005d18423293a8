import { expect, it, onTestFinished } from 'vitest';
import { TunnelExpiry } from '../../cli/session/tunnel-expiry.ts';
import { minuteMs } from '../support/time.ts';
import { runningSession } from './scripted-api.ts';

/** A tunnel's watch over a bastion that ends after so many minutes. The function returns the next line that the person reads. */
function watchedEnd() {
  const lines: string[] = [];
  let heard = Promise.withResolvers<void>();
  const say = (line: string) => {
    lines.push(line);
    heard.resolve();
  };
  let view = runningSession({});
  const expiry = new TunnelExpiry(
    {
      folder: '/nowhere',
      api: { look: async () => view, start: async () => view },
      terminal: { note: say, warn: say },
    },
    { use: undefined, ttl: '1h' },
  );
  onTestFinished(() => expiry.end());
  const endsIn = (minutes: number) => {
    view = runningSession({ expiresAt: new Date(Date.now() + minutes * minuteMs).toISOString() });
    heard = Promise.withResolvers();
    expiry.watch(view);
    return heard.promise;
  };
  return { lines, endsIn, expiry };
}

it('a tunnel tells of the end 15 and 5 minutes before it, each once', async () => {
  const { lines, endsIn, expiry } = watchedEnd();
  await endsIn(14);
  expiry.check();
  await endsIn(4);
  expect(lines).toEqual([
    expect.stringMatching(/^until .*1[34] min left.*"bastion extend 1h"/),
    expect.stringMatching(/^until .*[34] min left.*"bastion extend 1h"/),
  ]);
});

it('a tunnel tells once more of the end after an extension', async () => {
  const { lines, endsIn } = watchedEnd();
  await endsIn(4);
  void endsIn(60);
  await endsIn(14);
  expect(lines).toHaveLength(2);
});
