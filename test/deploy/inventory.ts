/** Everything in moto, as boto3 reads it. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import * as v from 'valibot';
import { motoPrograms } from '../contract/moto-server.ts';

export const motoFolder = join(import.meta.dirname, 'moto');

const inventory = v.record(v.string(), v.record(v.string(), v.record(v.string(), v.unknown())));

/** Properties in CloudFormation's words, by type and id. Beside CloudFormation's types: `file` of S3 and `image` of ECR. */
export type Inventory = v.InferOutput<typeof inventory>;

export async function takeInventory(url: string): Promise<Inventory> {
  return v.parse(inventory, await runPython('inventory.py', url));
}

/** Runs a program of the folder with moto's Python. Returns the JSON that it prints. */
export async function runPython(file: string, ...args: readonly string[]): Promise<unknown> {
  const env = { ...process.env, PYTHONDONTWRITEBYTECODE: '1' };
  const options = { env, maxBuffer: 2 ** 26 };
  const { stdout } = await promisify(execFile)(
    join(motoPrograms(), 'python'),
    [join(motoFolder, file), ...args],
    options,
  );
  return JSON.parse(stdout);
}
