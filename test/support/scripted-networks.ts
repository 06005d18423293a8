import type { AttachRequest, TaskNetwork } from '../../emulator/container-host.ts';

/** The networks of tasks, without sockets. */
export class ScriptedNetworks {
  readonly #networks = new Map<string, AttachRequest & TaskNetwork>();
  #attached = 0;

  async attach(request: AttachRequest): Promise<TaskNetwork> {
    this.#attached += 1;
    const publicIp = `198.18.${this.#attached >> 8}.${this.#attached & 255}`;
    this.#networks.set(request.taskId, { ...request, publicIp });
    return { publicIp };
  }

  async detach(taskId: string): Promise<void> {
    if (!this.#networks.delete(taskId)) throw new Error(`Task ${taskId} is detached, but it was not attached`);
  }

  /** The public address of a task, as long as its containers may run. */
  addressOf(taskId: string): string | undefined {
    return this.#networks.get(taskId)?.publicIp;
  }

  /** Whether the task at this public address allows a new connection. False if there is no such task. */
  letsIn(publicIp: string, connection: { readonly port: number; readonly sourceIp: string }): boolean {
    const network = [...this.#networks.values()].find((attached) => attached.publicIp === publicIp);
    return network?.allows(connection) ?? false;
  }
}
