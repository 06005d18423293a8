import { glob } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { run } from '../support/ssh.ts';

const root = join(import.meta.dirname, '../..');
const isInstalled = (await run('bash', ['-c', 'command -v shellcheck'])).code === 0;

test.runIf(isInstalled)('shellcheck has nothing to say about the scripts of the agents', async () => {
  const scripts: string[] = [];
  for await (const script of glob('agent-image/**/*.sh', { cwd: root })) scripts.push(join(root, script));
  expect(scripts.length).toBeGreaterThan(8);
  const { code, stdout } = await run('shellcheck', ['-x', ...scripts]);
  expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
});
