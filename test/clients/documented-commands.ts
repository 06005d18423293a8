import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { blocksIn } from '../docs/markdown.ts';

/** A command of the AWS CLI in a document. */
export interface DocumentedCommand {
  readonly text: string;
  /** The operations in it that the emulated AWS does not have, as the command line names them: `logs filter-log-events`. */
  readonly missing: readonly string[];
}

/** The operations of the documents that the emulated AWS does not have. */
const missingOperations = [
  'logs filter-log-events',
  'iam create-service-linked-role',
  'scheduler list-schedules',
] as const;

/** Returns every command of the AWS CLI in the runbook: those in its blocks, and those in its sentences that are complete. */
export async function commandsOfRunbook(): Promise<readonly DocumentedCommand[]> {
  const text = await readFile(join(import.meta.dirname, '../../docs/runbook.md'), 'utf8');
  const inBlocks = blocksIn(text)
    .flatMap((block) => block.text.replaceAll(/\\\n\s*/g, ' ').split('\n'))
    .filter((line) => line.startsWith('aws '));
  const inSentences = [...text.matchAll(/`(aws [^`\n]+)`/g)].map(([, command = '']) => command);
  return [...new Set([...inBlocks, ...inSentences])].map((command) => ({
    text: withValues(command),
    missing: missingOperations.filter((operation) => command.includes(`aws ${operation}`)),
  }));
}

/** Puts in the variables that a reader fills in, and what a command of a sentence leaves out because its reader knows it. */
function withValues(command: string): string {
  const filled = command
    .replace('group-id,Values=<id>', 'group-id,Values="$GROUP_ID"')
    .replace('--network-interface-ids <id>', '--network-interface-ids "$INTERFACE"')
    .replace('<vpc>', '"$VPC"');
  return filled === 'aws ecs describe-tasks' ? `${filled} --cluster "$CLUSTER" --tasks "$TASK"` : filled;
}
