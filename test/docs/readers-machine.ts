/** A reader's machine: a home with a key and a checkout, both in folders with a blank, and `npm start` on free ports. */
import { chmod, cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { find } from '../../local/machine.ts';
import { type ChildRun, startLocalRun } from '../support/local-run.ts';
import { makeKeyPair } from '../support/ssh.ts';
import { root } from './documents.ts';

export interface ReadersMachine {
  readonly home: string;
  readonly checkout: string;
  readonly env: NodeJS.ProcessEnv;
  readonly local: ChildRun;
  close(): Promise<void>;
}

const notCopied = new Set(['.git', 'node_modules', 'cdk.out', '.bundles', '.local']);

/** @param settings as after `-c` */
export async function readersMachine(settings: Readonly<Record<string, string>>): Promise<ReadersMachine> {
  const directory = await mkdtemp(join(tmpdir(), 'a reader '));
  const home = join(directory, 'my home');
  const checkout = join(directory, 'bastion on demand');
  const programs = join(directory, 'programs');
  await mkdir(join(home, '.ssh'), { recursive: true, mode: 0o700 });
  await makeKeyPair(join(home, '.ssh'), 'id_ed25519');
  await writeFile(join(home, '.curlrc'), 'silent\nshow-error\n'); // at a terminal curl shows no progress either
  await cp(root, checkout, { recursive: true, filter: (path) => !notCopied.has(basename(path)) });
  await symlink(join(root, 'node_modules'), join(checkout, 'node_modules'));
  await putSsh(programs, home);
  const local = await startLocalRun(settings, checkout);
  return {
    home,
    checkout,
    env: {
      HOME: home,
      PATH: `${programs}:${process.env.PATH}`,
      LANG: 'C.UTF-8',
      npm_config_update_notifier: 'false', // npx would tell of a newer npm
    },
    local,
    async close() {
      await local.stop();
      await rm(directory, { recursive: true });
    },
  };
}

/** ssh looks for its files in the home that the system knows, whatever HOME says. This one looks in ours. */
async function putSsh(programs: string, home: string): Promise<void> {
  const own = ['IdentitiesOnly=yes', 'IdentityAgent=none', `IdentityFile="${home}/.ssh/id_ed25519"`, 'BatchMode=yes'];
  const options = own.map((option) => `-o '${option}'`).join(' ');
  await mkdir(programs);
  await writeFile(join(home, '.ssh/config'), '');
  await writeFile(
    join(programs, 'ssh'),
    `#!/bin/bash
args=()
for arg; do
  case $arg in *=~/*) arg="\${arg%%=*}=\\"${home}/\${arg#*=~/}\\"" ;; esac
  args+=("$arg")
done
exec ${find('ssh')} -F '${home}/.ssh/config' ${options} "\${args[@]}"
`,
  );
  await chmod(join(programs, 'ssh'), 0o755);
}
