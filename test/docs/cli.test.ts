/** Holds docs/cli.md to the command's own help. `vitest run test/docs/cli.test.ts -u` writes the reference anew. */
import type { Command } from 'commander';
import { expect, it } from 'vitest';
import { Invocation } from '../../cli/invocation.ts';
import { createProgram } from '../../cli/program.ts';
import { textOf } from './documents.ts';

const page = 'docs/cli.md';
const heading = '## Reference\n';

/** The help that a person sees, without the options that all commands share. */
function helpOf(command: Command): string {
  let help = '';
  command.configureOutput({ writeOut: (text) => (help += text), getOutHasColors: () => false }).outputHelp();
  return help.replace(/Global Options:\n(.+\n)+\n?/, '').trim();
}

it('docs/cli.md has the help of every command', async () => {
  const program = createProgram(new Invocation({}, []));
  const commands = program.commands.filter((command) => !['help', 'complete'].includes(command.name()));
  const sections = [program, ...commands].map((command) => {
    const name = command === program ? 'bastion' : `bastion ${command.name()}`;
    return `\n### ${name}\n\n\`\`\`text\n${helpOf(command)}\n\`\`\`\n`;
  });
  const [introduction = ''] = (await textOf(page)).split(heading);
  await expect(`${introduction}${heading}${sections.join('')}`).toMatchFileSnapshot(`../../${page}`);
});
