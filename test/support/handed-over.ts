/** What a test hands over to an agent, until the agent has deleted it. */
import { expect } from 'vitest';
import type { AgentTask } from './agent-task.ts';

/** Waits until the agent has deleted what is handed over meanwhile. */
export async function untilDeleted(task: AgentTask, handOver: () => Promise<void>): Promise<void> {
  const deleted = task.answered('DeleteItem');
  await handOver();
  await deleted;
  expect(await task.handoffs()).toBe(0);
}
