/** A Docker that a test writes: it answers commands and runs nothing. */
import type { Docker } from '../../local/fargate/docker/cli.ts';

export interface ScriptedDocker extends Docker {
  /** The commands so far, each as one line. */
  readonly commands: readonly string[];
  /** The environment that each command got. */
  readonly environments: readonly Readonly<Record<string, string>>[];
}

/** @param answer the output of a command, or the error of a failed one */
export function scriptDocker(answer: (command: string) => string | Error): ScriptedDocker {
  const commands: string[] = [];
  const environments: Readonly<Record<string, string>>[] = [];
  const answerOf = (args: readonly string[], environment: Readonly<Record<string, string>> = {}) => {
    commands.push(args.join(' '));
    environments.push(environment);
    return answer(args.join(' '));
  };
  return {
    commands,
    environments,
    async run(args, { environment } = {}) {
      const output = answerOf(args, environment);
      if (output instanceof Error) throw output;
      return output;
    },
    follow(args, onLine, { environment } = {}) {
      const output = answerOf(args, environment);
      for (const line of (output instanceof Error ? output.message : output).split('\n')) onLine(line);
      return { ended: Promise.resolve(output instanceof Error ? 1 : 0) };
    },
  };
}
