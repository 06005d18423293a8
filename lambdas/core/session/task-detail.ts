import { containers } from '../../../contracts/agent.ts';

/** Why a task stopped, in one line: ECS's reason, and what each container said about itself. */
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

export function detailOf(task: StoppedTask): string | undefined {
  const parts = (task.containers ?? []).flatMap(({ name, exitCode, reason }) => {
    if (name === containers.up) return []; // it only follows `ready`
    if (reason) return [`${name}: ${reason}`];
    return exitCode ? [`${name} exited with code ${exitCode}`] : [];
  });
  const lines = [task.stoppedReason, ...parts].filter((part) => part !== undefined && part !== '');
  return lines.length === 0 ? undefined : lines.join('; ');
}
