import { containers } from '../../../contracts/agent.ts';

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
    if (name === containers.up) return []; // it only follows `ready`
    if (reason) return [`${name}: ${reason}`];
    return exitCode ? [`${name} exited with code ${exitCode}`] : [];
  });
  const lines = [task.stoppedReason, ...parts].filter((part) => part !== undefined && part !== '');
  return lines.length === 0 ? undefined : lines.join('; ');
}
