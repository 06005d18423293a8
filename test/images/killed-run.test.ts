import { expect, it } from 'vitest';
import { heldByDocker } from '../support/containers.ts';
import { startLocalRun } from '../support/local-run.ts';
import { makeKeyPair, ssh } from '../support/ssh.ts';
import { makeTemporaryFolder } from '../support/temporary-folder.ts';
import { User } from '../support/user.ts';

it('the next start removes the containers and the network of a run that was killed', async () => {
  await using folder = await makeTemporaryFolder('keys');
  const key = await makeKeyPair(folder.path, 'key');
  const killed = await startLocalRun({ agents: 'ssh' });
  const { target } = await new User(killed, 'killed', key).start();
  expect(await ssh(target, 'true')).toMatchObject({ code: 0 });
  expect(await heldByDocker(killed.pid)).not.toEqual([]);
  await killed.kill();
  const next = await startLocalRun({ agents: 'ssh' });
  expect(await heldByDocker(killed.pid)).toEqual([]);
  expect(await next.stop()).toBe(0);
});
