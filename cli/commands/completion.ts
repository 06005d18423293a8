/** `bastion completion`: the script by which a shell completes the command's words. */
import { Argument, type Command } from 'commander';
import type { Invocation } from '../invocation.ts';
import type { Shell } from '../terminal/completion-script.ts';
import { examples } from './help.ts';

const shells = ['bash', 'zsh', 'fish', 'powershell'] as const satisfies readonly Shell[];

/** bash expands the words that it gets to complete, so a bastion.json in a cloned repository could run a command. */
const isPlain = (text: string): boolean => /^[\p{L}\p{N}_.:@+,/[\]-]+$/u.test(text);

/** @param createCommands makes a program with the commands to complete */
export function addCompletion(program: Command, invocation: Invocation, createCommands: () => Command): void {
  program
    .command('completion')
    .description('print the script by which your shell completes commands, options and tunnels')
    .addArgument(new Argument('<shell>', 'your shell').choices(shells))
    .addHelpText(
      'after',
      examples([
        ['source <(bastion completion bash)', 'in ~/.bashrc'],
        ['source <(bastion completion zsh)', 'in ~/.zshrc'],
        ['bastion completion fish > ~/.config/fish/completions/bastion.fish', 'once'],
        ['bastion completion powershell >> $PROFILE', 'once'],
      ]),
    )
    .action(async (shell: Shell) => {
      const completion = await completionOf(createCommands());
      const { completionScript } = await import('../terminal/completion-script.ts');
      const script = printedBy(() => completion.setup('bastion', 'bastion', shell));
      process.stdout.write(completionScript(script, shell));
    });

  // The script runs this while a person types.
  program
    .command('complete', { hidden: true })
    .argument('[words...]')
    .action(async (words: readonly string[], _options: unknown, command: Command) => {
      const completion = await completionOf(createCommands());
      const tunnels = completion.commands.get('tunnel')?.arguments.get('tunnels');
      if (tunnels !== undefined) {
        const names = Object.entries((await invocation.settings(command)).tunnels);
        tunnels.handler = (complete) => {
          for (const [name, place] of names) if (isPlain(name) && isPlain(place)) complete(name, place);
        };
      }
      completion.parse([...words]);
    });
}

/** The library can only print its scripts. */
function printedBy(print: () => void): string {
  const { log } = console;
  let printed = '';
  console.log = (text: string) => {
    printed += `${text}\n`;
  };
  try {
    print();
  } finally {
    console.log = log;
  }
  return printed;
}

async function completionOf(commands: Command) {
  const { default: tab } = await import('@bomb.sh/tab/commander');
  return tab(commands, { completionCommandName: 'completion' });
}
