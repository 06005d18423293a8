/** The shells that a reader may paste into: bash, zsh and dash. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { find } from '../../local/machine.ts';
import { type Outcome, outcomeOf } from '../support/ssh.ts';

export const shells = ['bash', 'zsh', 'dash'] as const;
export type Shell = (typeof shells)[number];

/** The shell's path. Undefined where it is missing, which CI does not allow. */
export function shellPath(shell: Shell): string | undefined {
  const path = find(shell);
  if (path === undefined && process.env.CI === 'true') {
    throw new Error(`This machine has no ${shell}, expected bash, zsh and dash in CI. Install ${shell}.`);
  }
  return path;
}

/** The shells of this machine, each with its path. */
export const shellsHere: readonly { readonly shell: Shell; readonly path: string }[] = shells.flatMap((shell) => {
  const path = shellPath(shell);
  return path === undefined ? [] : [{ shell, path }];
});

/** Runs a script on standard input, with the shell's own files left out. `-n` as an argument only parses it. */
export function runScript(
  path: string,
  script: string,
  args: readonly string[] = [],
  env = process.env,
): Promise<Outcome> {
  const child = spawn(path, [...args], { env });
  child.stdin.end(script);
  return outcomeOf(child);
}

/** A shell that stays open between commands, as a terminal does: variables and functions live on. */
export class ShellSession {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #news = new EventEmitter();
  #output = '';

  constructor(path: string, env: NodeJS.ProcessEnv, cwd: string) {
    this.#child = spawn(path, [], { env, cwd });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        this.#output += text;
        this.#news.emit('news');
      });
    }
    this.#child.on('close', () => this.#news.emit('news'));
  }

  /** Runs a command without standard input. Its output holds both streams, as a terminal shows them. */
  async run(command: string): Promise<{ readonly code: number; readonly output: string }> {
    this.#output = '';
    this.#child.stdin.write(`{\n${command}\n} </dev/null 2>&1\nprintf '\\n%s %d\\n' 'command done:' $?\n`);
    for (;;) {
      const [, output, code] = /^(.*)\ncommand done: (\d+)\n$/s.exec(this.#output) ?? [];
      if (output !== undefined) return { code: Number(code), output: output.replace(/\n$/, '') };
      if (this.#child.exitCode !== null) throw new Error(`The shell ended while it ran ${command}:\n${this.#output}`);
      await once(this.#news, 'news');
    }
  }

  end(): void {
    this.#child.stdin.end();
  }
}
