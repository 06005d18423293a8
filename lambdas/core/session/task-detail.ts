import { agentKinds, exitSentences, idleExitCode } from '../../../contracts/agent.ts';

/** A stopped task, as far as it tells why it stopped. */
export interface StoppedTask {
  readonly stoppedReason?: string | undefined;
  readonly containers?:
    | readonly {
        readonly name?: string | undefined;
        readonly exitCode?: number | undefined;
        readonly reason?: string | undefined;
      }[]
    | undefined;
}

/** Tells in one line why a task stopped: ECS's reason, then each container's. Undefined when nothing is told. */
export function detailOf(task: StoppedTask): string | undefined {
  const parts = (task.containers ?? []).flatMap(({ name, exitCode, reason }) => {
    if (reason) return [`${name}: ${reason}`];
    return exitCode ? [`${name} exited with code ${exitCode}${meaningOf(name, exitCode)}`] : [];
  });
  const lines = [task.stoppedReason, ...parts].filter((part) => part !== undefined && part !== '');
  return lines.length === 0 ? undefined : lines.join('; ');
}

/** True for a task whose bastion ended itself because nobody was connected. */
export const hasEndedIdle = ({ containers = [] }: StoppedTask): boolean =>
  containers.some(({ name, exitCode }) => name === 'ssh' && exitCode === idleExitCode);

/** Tells what an agent means by its exit code. AWS may inject containers of its own, whose codes mean something else. */
const meaningOf = (name: string | undefined, exitCode: number): string => {
  const isAgent = agentKinds.some((kind) => kind === name);
  return isAgent && exitCode in exitSentences ? `: ${exitSentences[exitCode]}` : '';
};
