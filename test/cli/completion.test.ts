/** What a shell completes by. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { find } from '../../local/machine.ts';
import { makeTemporaryFolder } from '../support/temporary-folder.ts';
import { buildCommand } from './built-command.ts';
import { makePerson } from './person.ts';

let folder: Awaited<ReturnType<typeof makeTemporaryFolder>>;
let program: string;

beforeAll(async () => {
  folder = await makeTemporaryFolder('command');
  program = await buildCommand(folder.path);
});
afterAll(() => folder.remove());

it.concurrent('the shell gets commands, options, states and the names of tunnels to complete', async ({ expect }) => {
  await using person = await makePerson({ program });
  await writeFile(join(person.home, 'bastion.json'), JSON.stringify({ tunnels: { db: 'db.internal:5432' } }));
  const complete = async (...words: readonly string[]) => (await person.bastion('complete', '--', ...words)).stdout;
  expect(await complete('')).toMatch(/^up\tstart your bastion/m);
  expect(await complete('')).not.toMatch(/^(proxy|complete)\t/m);
  expect(await complete('ls', '--state', 'r')).toMatch(/^running\b/m);
  expect(await complete('tunnel', '')).toMatch(/^db\tdb\.internal:5432$/m);
  const dangerous = { '$(touch x)': 'a:1', '`x`': 'b:1', 'a;b': 'c:1', c: '$(x):1', d: 'd:1\n$(x)\tx' };
  await writeFile(
    join(person.home, 'bastion.json'),
    JSON.stringify({ tunnels: { ...dangerous, 'kund.e-ü': 'rds:orders' } }),
  );
  expect(await complete('tunnel', '')).toBe('kund.e-ü\trds:orders\n:4\n');
});

describe.concurrent('a script of completion', () => {
  /** The words that bash offers after it has read the script so often, for a command line that ends behind `words`. */
  const offered = [
    'COMP_WORDS=(bastion "$@") COMP_CWORD=$#',
    'compopt() { :; }', // it runs only while a person types
    '__bastion_complete',
    `printf "%s\\n" "\${COMPREPLY[@]}"`,
  ];

  it('works in bash when it is read twice, without the package bash-completion', async ({ expect }) => {
    await using person = await makePerson({ program });
    await writeFile(join(person.home, 'script'), (await person.bastion('completion', 'bash')).stdout);
    const lines = ['bastion() { "$NODE" "$PROGRAM" "$@"; }', 'source ./script', 'source ./script', ...offered];
    const variables = [`NODE=${process.execPath}`, `PROGRAM=${program}`];
    const bash = ['bash', '--norc', '-c', lines.join('\n'), 'bash'];
    expect(await person.run('env', ...variables, ...bash, 'ls', '--state', 'sto')).toEqual({
      code: 0,
      stdout: 'stopping\nstopped\n',
      stderr: '',
    });
  });

  it.skipIf(find('zsh') === undefined)('works in zsh when it is read twice, before compinit', async ({ expect }) => {
    await using person = await makePerson({ program });
    await writeFile(join(person.home, 'script'), (await person.bastion('completion', 'zsh')).stdout);
    const read = `source ./script; source ./script; print \${_comps[bastion]}`;
    expect(await person.run('zsh', '-f', '-c', read)).toEqual({ code: 0, stdout: '_bastion\n', stderr: '' });
  });
});
