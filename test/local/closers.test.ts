import { expect, it } from 'vitest';
import { Closers } from '../../local/closers.ts';

const recorder = () => {
  const closed: string[] = [];
  const closers = new Closers();
  const add = (name: string) =>
    closers.add(async () => {
      closed.push(name);
    });
  return { closed, closers, add };
};

it('closes the newest first, and each once', async () => {
  const { closed, closers, add } = recorder();
  for (const name of ['first', 'second']) add(name);
  await Promise.all([closers.close(), closers.close()]);
  expect(closed).toEqual(['second', 'first']);
});

it('closes at once what is added while it closes', async () => {
  const { closed, closers, add } = recorder();
  closers.add(async () => add('late'));
  expect(closers.isClosing).toBe(false);
  await closers.close();
  expect(closers.isClosing).toBe(true);
  expect(closed).toEqual(['late']);
});
