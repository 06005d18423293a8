import { setImmediate } from 'node:timers/promises';
import { expect, it, onTestFinished } from 'vitest';
import { TunnelExpiry } from '../../cli/session/tunnel-expiry.ts';
import { minuteMs } from '../support/time.ts';
import { runningSession } from './scripted-api.ts';

/** A tunnel's watch over a bastion, and the lines that the person reads. Each check is over before its promise. */
function watchedEnd() {
  const lines: string[] = [];
  const say = (line: string) => void lines.push(line);
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
  const endsIn = async (minutes: number) => {
    view = runningSession({ expiresAt: new Date(Date.now() + minutes * minuteMs).toISOString() });
    expiry.watch(view);
    await setImmediate(); // the API of this test answers at once
  };
  const check = async () => {
    expiry.check();
    await setImmediate();
  };
  return { lines, endsIn, check };
}

it('a tunnel tells of the end 15 and 5 minutes before it, each once', async () => {
  const { lines, endsIn, check } = watchedEnd();
  await endsIn(14);
  await check();
  await endsIn(4);
  expect(lines).toEqual([
    expect.stringMatching(/^until .*1[34] min left.*"bastion extend 1h"/),
    expect.stringMatching(/^until .*[34] min left.*"bastion extend 1h"/),
  ]);
});

it('a tunnel tells once more of the end after an extension', async () => {
  const { lines, endsIn } = watchedEnd();
  await endsIn(4);
  await endsIn(60);
  await endsIn(14);
  expect(lines).toHaveLength(2);
});
