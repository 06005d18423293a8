/**
 * The life of a deployment, once for all tests: the CDK's command bootstraps, deploys, diffs, deploys again, changes settings and
 * destroys. The tests look at what it printed, and at what was in moto after each step.
 */
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { startMoto } from '../contract/moto-server.ts';
import { makeTemporaryFolder } from '../support/temporary-folder.ts';
import { accountId, changedSettings, contextOf, makeCdk, region, settings } from './cdk.ts';
import { type Inventory, motoFolder, runPython, takeInventory } from './inventory.ts';

/** A deployment as it was after a step. */
export interface Deployed {
  /** The folder that the step synthesized into. */
  readonly assembly: string;
  readonly printed: string;
  readonly inventory: Inventory;
}

export interface Life {
  readonly bootstrapped: Inventory;
  readonly first: Deployed;
  readonly diff: string;
  readonly again: Deployed;
  readonly updated: Deployed;
  readonly destroyed: Inventory;
  /** Whether moto still has each gap that the server's modules close. */
  readonly openGaps: unknown;
}

declare module 'vitest' {
  export interface ProvidedContext {
    life: Life;
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = await makeTemporaryFolder('deployment');
  const moto = await startMoto({ folder: motoFolder, modules: ['closed_gaps'] });
  try {
    project.provide('life', await live(moto.url, folder.path));
  } catch (error) {
    await folder.remove();
    throw error;
  } finally {
    await moto.close();
  }
  return () => folder.remove();
}

async function live(url: string, folder: string): Promise<Life> {
  const cdk = await makeCdk(url, folder);
  const deploy = async (assembly: string, ...from: readonly string[]): Promise<Deployed> => {
    const printed = await cdk('deploy', ...from, '--require-approval', 'never');
    return { assembly, printed, inventory: await takeInventory(url) };
  };
  const assembly = join(folder, 'first');
  const assemblyAgain = join(folder, 'again');
  const assemblyUpdated = join(folder, 'updated');
  await cdk('bootstrap', '--app', '', `aws://${accountId}/${region}`);
  const bootstrapped = await takeInventory(url);
  const first = await deploy(assembly, ...contextOf(settings), '--output', assembly);
  const diff = await cdk('diff', '--fail', ...contextOf(settings), '--output', assemblyAgain);
  const again = await deploy(assemblyAgain, '--app', assemblyAgain);
  const updated = await deploy(assemblyUpdated, ...contextOf(changedSettings), '--output', assemblyUpdated);
  const [openGaps] = await Promise.all([
    runPython('open_gaps.py'),
    cdk('destroy', '--app', assemblyUpdated, '--force'), // the drain waits a minute for starts that are under way
  ]);
  const destroyed = await takeInventory(url);
  return { bootstrapped, first, diff, again, updated, destroyed, openGaps };
}
