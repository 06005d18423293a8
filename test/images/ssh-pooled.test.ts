/** A pooled bastion in the image: its key comes later, and so do notices for those who are logged in. */
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { authorizedKeyValue, noticeValue } from '../../contracts/agent.ts';
import { agentLine } from '../support/agent-task.ts';
import { untilDeleted } from '../support/handed-over.ts';
import { readLines, ssh, startSsh } from '../support/ssh.ts';
import { buildSshImage, type SshContainer, startSshContainer } from './ssh-container.ts';

/** A user of this file alone, because a test counts its processes. */
const ownUid = 10_024;

let bastion: SshContainer;

beforeAll(async () => {
  bastion = await startSshContainer(await buildSshImage('bastion-ssh-test'), { uid: ownUid, isPooled: true });
});

afterAll(() => bastion.close());

test('a pooled bastion lets nobody in before its key comes, and then its owner', async () => {
  expect(await ssh(bastion.target, 'true')).toMatchObject({
    code: 255,
    stderr: expect.stringContaining('Permission denied (publickey)'),
  });
  await untilDeleted(bastion.task, () => bastion.task.handOver({ [authorizedKeyValue]: bastion.key.publicKey }));
  expect(await ssh(bastion.target, 'id -un')).toEqual({ code: 0, stdout: 'bastion\n', stderr: '' });
  expect(bastion.log.join('\n')).toContain(agentLine('up: login bastion, port 22, '));
});

describe('a notice', () => {
  test('reaches a terminal', async () => {
    const session = startSsh({ ...bastion.target, options: ['-tt'] }, 'stty -echo; echo ready; exec cat');
    const lines = readLines(session.stdout);
    await lines.find(/^ready$/);
    await untilDeleted(bastion.task, () =>
      bastion.task.handOver({ [noticeValue]: 'This bastion ends in 15 minutes.' }),
    );
    await lines.find(/^This bastion ends in 15 minutes\.$/);
    session.kill();
    await once(session, 'exit');
  });

  test('is written by a process with the rights and limits of the login, and nothing of the task', async () => {
    // The output of this terminal is stopped, so that the process waits. The login looks at it meanwhile.
    const look = `stty -echo; read -r line; touch /tmp/begun
      while [[ ! -s /tmp/found ]]; do for folder in /proc/[0-9]*; do
        [[ -O $folder ]] && mapfile -d '' words <$folder/cmdline && [[ \${words[5]} == 'held up' ]] &&
          { cat $folder/{environ,stat,status,oom_score_adj,limits}; ls -l $folder/fd; } >/tmp/found
      done; done; cat`;
    const session = startSsh({ ...bastion.target, options: ['-tt'] }, look);
    session.stdout.resume();
    session.stdin.write('\u0013go\n');
    await vi.waitUntil(async () => (await bastion.exec('ls', '/tmp/begun')).code === 0, { timeout: 60_000 });
    await untilDeleted(bastion.task, () => bastion.task.handOver({ [noticeValue]: 'held up' }));
    const found = (await bastion.exec('cat', '/tmp/found')).stdout;
    session.kill();
    expect(found).toMatch(/^PATH=[^=]*\0\d+ \(bash\) /);
    expect(found.split(' ')[18]).toBe('19'); // its niceness
    for (const id of ['Uid', 'Gid'])
      expect(found).toMatch(new RegExp(`^${id}:${`\t${id === 'Uid' ? ownUid : 10_022}`.repeat(4)}$`, 'm'));
    for (const set of ['CapInh', 'CapPrm', 'CapEff', 'CapAmb']) expect(found).toContain(`${set}:\t0000000000000000\n`);
    expect(found).toMatch(/^Groups:\s*$/m);
    expect(found).toMatch(/^NoNewPrivs:\t1$/m);
    expect(found).toMatch(/^500$/m); // how gladly the kernel ends it
    expect(found).toMatch(/^Max processes +512 +512 /m);
    const files = [...found.matchAll(/ \d+ -> (.*)$/gm)].map(([, file]) => file);
    expect([...new Set(files)].sort()).toEqual(['/dev/null', expect.stringMatching(/^\/dev\/pts\/\d+$/)]);
  });
});

test('a pooled bastion that has got its key ends by SIGTERM', async () => {
  expect(await bastion.stop()).toBe(0);
});
